/** How are charts drawn? By Chart.js, in the page's colours, with only those parts of it that are used. */

import {
  ArcElement,
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartConfiguration,
  DoughnutController,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from "chart.js";

import { h } from "../dom.js";

Chart.register(ArcElement, BarController, BarElement, CategoryScale, DoughnutController, LinearScale);
Chart.register(LineController, LineElement, PointElement, Tooltip);
Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;

/** What is drawn anew whenever its figures or the page's colours change. */
export interface Plot {
  readonly element: HTMLElement;
  /** `about` says to whom cannot see it what it is, and where the same numbers are. */
  readonly draw: (about: string, compose: (color: (name: string) => string) => ChartConfiguration) => void;
  readonly close: () => void;
}

export function makePlot(kind: string): Plot {
  const canvas = h("canvas", { role: "img" });
  const element = h("div", { class: `plot ${kind}` }, canvas);
  let chart: Chart | undefined;
  let again: (() => void) | undefined;
  const draw: Plot["draw"] = (about, compose) => {
    again = () => {
      canvas.setAttribute("aria-label", about);
      Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
      Chart.defaults.color = colorOf("soft");
      chart?.destroy();
      chart = new Chart(canvas, compose(colorOf));
    };
    again();
  };
  const onColors = () => again?.();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", onColors);
  const close = () => {
    dark.removeEventListener("change", onColors);
    chart?.destroy();
  };
  return { element, draw, close };
}

/** How a box that tells one point looks. */
export function tipLook(color: (name: string) => string) {
  return {
    backgroundColor: color("text"),
    titleColor: color("card"),
    bodyColor: color("card"),
    padding: 10,
    cornerRadius: 8,
    boxPadding: 4,
    usePointStyle: true,
  };
}

/** A canvas knows no custom properties: what one comes to, light or dark. */
function colorOf(name: string): string {
  const probe = document.body.appendChild(h("span", { hidden: true }));
  probe.style.color = `var(--${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
