import { WorkFigures } from './work-figures.ts';

function figuresWith() {
  const around = { nowMs: 0 };
  return { around, figures: new WorkFigures(['http', 'start.low'], () => around.nowMs) };
}

describe('what a worker tells of its work', () => {
  it('is what is in its hands directly, until it ends', () => {
    const { figures } = figuresWith();
    const ended = figures.tookDirectly('http');
    expect(figures.read()).toEqual({
      http: { direct: 1, completed: 0, failed: 0 },
      'start.low': { direct: 0, completed: 0, failed: 0 },
    });
    ended();
    expect(figures.read()['http']?.direct).toBe(0);
  });

  it('is what ended within the last minute, to five seconds', () => {
    const { figures, around } = figuresWith();
    figures.ended('http', 'completed');
    around.nowMs = 30_000;
    figures.ended('http', 'completed');
    figures.ended('http', 'failed');
    around.nowMs = 59_999;
    expect(figures.read()['http']).toMatchObject({ completed: 2, failed: 1 });
    around.nowMs = 60_000;
    expect(figures.read()['http']).toMatchObject({ completed: 1, failed: 1 });
    around.nowMs = 600_000;
    expect(figures.read()['http']).toMatchObject({ completed: 0, failed: 0 });
  });

  it('has nothing of a queue that it does not know', () => {
    const { figures } = figuresWith();
    figures.tookDirectly('email')();
    figures.ended('email', 'failed');
    expect(Object.keys(figures.read())).toEqual(['http', 'start.low']);
  });
});
