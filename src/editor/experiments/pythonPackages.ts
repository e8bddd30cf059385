/** Packages whose name on PyPI is not the one that is imported. */
const packageNames: Record<string, string> = { sklearn: 'scikit-learn', cv2: 'opencv-python', PIL: 'Pillow', yaml: 'PyYAML', skimage: 'scikit-image', bs4: 'beautifulsoup4' };

/** The package that a failed run's error says is missing, or null. */
export function missingPackage(error: string): string | null {
  const module = /No module named '([A-Za-z_][A-Za-z0-9_]*)/.exec(error)?.[1];
  return module === undefined ? null : (packageNames[module] ?? module);
}
