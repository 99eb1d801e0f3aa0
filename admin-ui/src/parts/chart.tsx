import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTexts } from '../state/language.ts';
import { isDark, theme } from '../state/theme.ts';
import type { Texts } from '../texts/en.ts';

/** Counts over time as bars, none where it is not known (null); for screen readers a picture with a name. */
export function Chart({
  times,
  values,
  label,
  color,
}: {
  times: readonly number[];
  values: readonly (number | null)[];
  label: string;
  color: string;
}) {
  const ref = useRef<HTMLDivElement>(null);
  const chosen = theme.value;
  const { words } = useTexts();
  useEffect(() => {
    const box = ref.current;
    if (!box) return;
    const plot = new uPlot(options(box, { color, half: ((times[1] ?? 0) - (times[0] ?? 0)) / 2, words }), [[...times], [...values]], box);
    const observer = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
    observer.observe(box);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [times, values, color, chosen, words]);
  return <div ref={ref} class="chart" role="img" aria-label={label} />;
}

/** CSS pixels. */
const HEIGHT = 132;

/** `half`: half of the time that a bar is of, in seconds: the first and the last have room for it. */
function options(box: HTMLElement, { color, half, words }: { color: string; half: number; words: Texts['words'] }): uPlot.Options {
  const [ink, grid] = isDark() ? ['#9aa4b8', '#2a3142'] : ['#5b6474', '#e6e9f0'];
  const axis = { stroke: ink, font: '11px system-ui', grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  // A canvas understands the resolved color alone, not light-dark().
  box.style.color = `var(${color})`;
  const stroke = getComputedStyle(box).color;
  const { bars } = uPlot.paths;
  return {
    width: box.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 12, 0, 0],
    scales: { x: { range: (_, min, max) => [min - half, max + half] }, y: { range: (_, __, max) => [0, Math.max(max, 4)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 36, space: 64, values: (_, times, __, ___, step) => words.axisTimes(times, step) },
      {
        ...axis,
        size: 40,
        values: (_, counts) => counts.map(words.number),
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000],
        space: 36,
      },
    ],
    series: [
      {},
      { stroke, fill: stroke, width: 0, points: { show: false }, ...(bars && { paths: bars({ size: [0.7, 24], radius: 0.2 }) }) },
    ],
  };
}
