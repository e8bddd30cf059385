"""Keeps a notebook with the outputs of its run, as executed.ipynb and its pictures, after each cell."""

import base64
import json
import os

ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/svg+xml": "svg"}


class ExecutedNotebook:
    """`folder`: where it is kept; None keeps nothing."""

    def __init__(self, notebook, folder):
        self.notebook = notebook
        self.folder = folder
        self.cell = None
        self.number = 0
        self.pictures = 0
        self.waiting = False
        self.shown = {}
        for cell in notebook["cells"]:
            if cell.get("cell_type") == "code":
                cell["outputs"], cell["execution_count"] = [], None

    def begin(self, cell, number):
        self.cell, self.number, self.pictures, self.waiting = cell, number, 0, False

    def end(self, count):
        if count is not None:
            self.cell["execution_count"] = count
        self.cell = None
        self.save()

    def output(self, kind, content):
        """Takes what a cell put out. Gives the paths of pictures that it kept."""
        if kind == "clear_output":
            self.waiting = bool(content.get("wait"))
            if not self.waiting:
                self.cell["outputs"] = []
            return []
        if self.waiting:
            self.cell["outputs"], self.waiting = [], False
        if kind == "update_display_data":
            for shown in self.shown.get(content.get("transient", {}).get("display_id"), []):
                shown.update(data=content["data"], metadata=content.get("metadata", {}))
            return self.keep(content["data"])
        if kind == "stream":
            self.stream(content["name"], content["text"])
            return []
        if kind == "error":
            self.cell["outputs"].append({"output_type": "error", **{key: content[key] for key in ("ename", "evalue", "traceback")}})
            return []
        output = {"output_type": kind, "data": content["data"], "metadata": content.get("metadata", {})}
        if kind == "execute_result":
            output["execution_count"] = content.get("execution_count")
        self.cell["outputs"].append(output)
        name = content.get("transient", {}).get("display_id")
        if name:
            self.shown.setdefault(name, []).append(output)
        return self.keep(content["data"])

    def stream(self, name, text):
        last = self.cell["outputs"][-1] if self.cell["outputs"] else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.cell["outputs"].append({"output_type": "stream", "name": name, "text": text})

    def keep(self, data):
        found = next((kind for kind in ENDINGS if kind in data), None)
        if found is None or self.folder is None:
            return []
        self.pictures += 1
        path = f"pictures/cell-{self.number}-{self.pictures}.{ENDINGS[found]}"
        content = data[found] if isinstance(data[found], str) else "".join(data[found])
        raw = content.encode() if found == "image/svg+xml" else base64.b64decode(content)
        os.makedirs(os.path.join(self.folder, "pictures"), exist_ok=True)
        with open(os.path.join(self.folder, path), "wb") as stream:
            stream.write(raw)
        return [path]

    def save(self):
        if self.folder is None:
            return
        file = os.path.join(self.folder, "executed.ipynb")
        with open(file + ".part", "w", encoding="utf-8") as stream:
            json.dump(self.notebook, stream, indent=1, ensure_ascii=False)
        os.replace(file + ".part", file)
