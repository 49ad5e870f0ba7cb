/// <reference lib="dom" />
/**
 * WebGL contexts, of which a browser keeps 16 in all its pages: of more it blanks the oldest, without a word. Figures
 * that need some take turns: those drawn longest ago stand as pictures until the pointer comes to them.
 */

/** At most so many are in use by figures; the others are for pictures and for the rest of the page. */
const most = 9;

/** A figure with contexts. @typedef {{ count: number, freeze(): Promise<void> }} Holder */

/** What all figures of a page share, also where each brings its own copy of this code. */
const turns = () => {
  const page = /** @type {{ widenetContexts?: { live: Holder[], last: Promise<unknown>, isThere?: boolean } }} */ (
    /** @type {unknown} */ (window)
  );
  return (page.widenetContexts ??= { live: [], last: Promise.resolve() });
};

/** How many contexts plotly.js takes for a figure. @param {{ data: any[] }} figure */
export function contextsOf({ data }) {
  const types = data.map(trace => String(trace?.type));
  const scenes = new Set(data.filter(isSolid).map(trace => trace.scene ?? 'scene'));
  return scenes.size + (types.some(type => /gl$|^splom$|^parcoords$/.test(type)) ? 3 : 0);
}

const solids = ['scatter3d', 'surface', 'mesh3d', 'cone', 'streamtube', 'volume', 'isosurface'];
const isSolid = (/** @type {any} */ trace) => solids.includes(trace?.type);

/** The figure as this browser can draw it: points as SVG where there is no WebGL. @param {any} figure */
export function drawable(figure) {
  if (!figure.data.some((/** @type {any} */ trace) => trace?.type === 'scattergl') || hasWebGL()) return figure;
  const data = figure.data.map((/** @type {any} */ trace) =>
    trace?.type === 'scattergl' ? { ...trace, type: 'scatter' } : trace,
  );
  return { ...figure, data };
}

function hasWebGL() {
  const page = turns();
  if (page.isThere === undefined) {
    const canvas = document.createElement('canvas');
    page.isThere = canvas.getContext('webgl') !== null;
    release([canvas]);
  }
  return page.isThere;
}

/**
 * Draws a figure: one without contexts at once, another after the one before, when others have given back enough.
 * @param {Holder} holder @param {() => Promise<void>} draw
 */
export function inTurn(holder, draw) {
  if (holder.count === 0) return draw();
  const page = turns();
  const turn = async () => {
    leave(holder);
    const used = () => page.live.reduce((sum, { count }) => sum + count, 0);
    while (page.live.length > 0 && used() + holder.count > most) await page.live.shift()?.freeze().catch(console.warn);
    page.live.push(holder);
    await draw();
  };
  const done = page.last.then(turn);
  page.last = done.catch(() => {});
  return done;
}

/** The figure is not drawn any more. @param {Holder} holder */
export function leave(holder) {
  const { live } = turns();
  if (live.includes(holder)) live.splice(live.indexOf(holder), 1);
}

/** Gives back the contexts of these canvases. @param {Iterable<HTMLCanvasElement>} canvases */
export function release(canvases) {
  for (const canvas of canvases) canvas.getContext('webgl')?.getExtension('WEBGL_lose_context')?.loseContext();
}

/**
 * What `work` gives, after which the contexts of the canvases that it made and dropped are given back at once, and not
 * when the browser next looks for memory that nothing uses. plotly.js keeps the one by which it makes pictures in three
 * dimensions, which has no class.
 * @template T @param {() => Promise<T>} work
 */
export async function releasing(work) {
  const { prototype } = HTMLCanvasElement;
  const { getContext } = prototype;
  /** @type {HTMLCanvasElement[]} */
  const made = [];
  prototype.getContext = /** @type {any} */ (
    /** @this {HTMLCanvasElement} @param {any[]} given */
    function (...given) {
      if (String(given[0]).includes('webgl')) made.push(this);
      return getContext.apply(this, /** @type {any} */ (given));
    }
  );
  try {
    return await work();
  } finally {
    prototype.getContext = getContext;
    release(made.filter(canvas => !canvas.isConnected && canvas.classList.contains('gl-canvas')));
  }
}
