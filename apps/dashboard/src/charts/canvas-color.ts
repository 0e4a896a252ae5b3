let probe: HTMLElement | undefined;

/**
 * A colour of the page as a canvas understands it: custom properties are not resolved there.
 *
 * @param property such as `--series-1`
 * @param alpha 0 to 1
 */
export function canvasColor(property: string, alpha = 1): string {
  if (!probe) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color =
    alpha === 1
      ? `var(${property})`
      : `color-mix(in srgb, var(${property}) ${100 * alpha}%, transparent)`;
  return getComputedStyle(probe).color;
}
