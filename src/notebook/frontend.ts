/** Who shows what a notebook displays. */
import { processState } from '../base/process-state';
import { isBatch } from './runner';
import { inNotebook } from './show';

/** The target of the comm by which the Plotly renderer of JupyterLab tells the kernel that it is there. */
export const rendererTarget = 'widenet-plotly';

const frontend = () => processState('frontend', () => ({ hasRenderer: false }));

/** To be called by the kernel when a frontend has opened that comm. */
export function rendererIsThere(): void {
  frontend().hasRenderer = true;
}

/**
 * Whether Plotly data are enough: JupyterLab with the renderer draws them, the runner makes pictures of them, and
 * outside a notebook nothing shows them. Every other frontend needs the figure in a form that it knows.
 */
export const isDrawnByFrontend = () => isBatch() || frontend().hasRenderer || !inNotebook();
