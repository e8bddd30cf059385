import './jitless.ts';
import { Component, render, type ComponentChildren, type ComponentType } from 'preact';
import type * as z from 'zod/mini';
import { Banner } from '../components/layout.tsx';
import { installStyles } from '../components/styles.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** What a panel's view works with. `view` is what the person set up: it survives a reload of the window. */
export interface PanelProps<State, View, Out> {
  state: State;
  view: View;
  setView(change: Partial<View>): void;
  post(message: Out): void;
}

interface PanelDefinition<Schema extends z.ZodMiniType, State, View, Out> {
  /** Checks every message from the extension. */
  messages: Schema;
  initial: State;
  initialView: View;
  reduce(state: State, message: z.infer<Schema>): State;
  view: ComponentType<PanelProps<State, View, Out>>;
}

/**
 * Starts a panel: takes what the page was drawn for from `<body data-panel-state>`, keeps it and the view's state for a
 * reload, and tells the extension that it is ready.
 */
export function startPanel<Schema extends z.ZodMiniType, State, View extends object, Out extends { type: string }>(panel: PanelDefinition<Schema, State, View, Out>): void {
  const api = acquireVsCodeApi();
  const root = document.getElementById('root');
  if (root === null) {
    throw new Error('The page has no #root.');
  }
  installStyles();
  const host: unknown = JSON.parse(document.body.dataset['panelState'] ?? '{}');
  const saved = api.getState() as { host?: unknown; view?: Partial<View> } | undefined;
  const sameSubject = JSON.stringify(saved?.host) === JSON.stringify(host);
  let view: View = { ...panel.initialView, ...(sameSubject ? saved?.view : {}) };
  let state = panel.initial;
  let problem: string | null = null;
  let waiting = false;
  api.setState({ host, view });

  const draw = (): void => {
    waiting = false;
    const View = panel.view;
    render(
      <Shield>
        {problem === null ? null : <Banner kind="error">{problem}</Banner>}
        <View state={state} view={view} setView={setView} post={(message) => api.postMessage(message)} />
      </Shield>,
      root,
    );
  };
  const redraw = (): void => {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(draw);
    }
  };
  const setView = (change: Partial<View>): void => {
    view = { ...view, ...change };
    api.setState({ host, view });
    redraw();
  };
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    // A page that is shown in a sandbox inside the panel can send messages too; its origin is none.
    if (event.origin !== window.origin) {
      return;
    }
    const parsed = panel.messages.safeParse(event.data);
    if (parsed.success) {
      problem = null;
      state = panel.reduce(state, parsed.data);
    } else {
      problem = 'This panel got something from the extension that it does not understand. Close and open it again; if that does not help, reload the window.';
      console.error(parsed.error);
    }
    redraw();
  });
  draw();
  api.postMessage({ type: 'ready' });
}

/** Shows a fault of the panel itself rather than an empty page. */
class Shield extends Component<{ children: ComponentChildren }, { fault: string | null }> {
  override state = { fault: null as string | null };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ fault: error instanceof Error ? error.message : String(error) });
  }

  override render(): ComponentChildren {
    return this.state.fault === null ? this.props.children : <Banner kind="error">This panel could not be drawn: {this.state.fault}. Close it and open it again.</Banner>;
  }
}
