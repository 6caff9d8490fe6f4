import type { DomNode, FormatCallback } from 'html-to-text';

/** A table with more of them is not one that lines show. */
const MOST_ROWS = 1_000;
const MOST_COLUMNS = 20;
const BETWEEN_COLUMNS = 3;

/**
 * Writes a table in columns, each as wide as its widest cell. Cells that span several rows stand in the first of them. (The
 * table of html-to-text takes the spans that HTML names as they are, and a hundred million columns are one attribute.)
 */
export const formatTable: FormatCallback = (table, walk, builder, options) => {
  const rows = rowsOf(table);
  if (rows.length > MOST_ROWS || rows.some((cells) => columnsOf(cells) > MOST_COLUMNS)) {
    builder.openBlock({ leadingLineBreaks: 1 });
    walk(table.children, builder);
    builder.closeBlock({ trailingLineBreaks: 1 });
    return;
  }
  builder.openTable();
  for (const cells of rows) {
    builder.openTableRow();
    for (const cell of cells) {
      builder.openTableCell({ maxColumnWidth: options.maxColumnWidth });
      walk(cell.children, builder);
      builder.closeTableCell({ colspan: spanOf(cell), rowspan: 1 });
    }
    builder.closeTableRow();
  }
  builder.closeTable({ tableToString, leadingLineBreaks: 2, trailingLineBreaks: 2 });
};

function rowsOf({ children = [] }: DomNode): readonly (readonly DomNode[])[] {
  return children.flatMap((child) => {
    if (child.name === 'tr') return [childrenNamed(child, 'td', 'th')];
    return child.name === 'thead' || child.name === 'tbody' || child.name === 'tfoot' ? rowsOf(child) : [];
  });
}

function childrenNamed({ children = [] }: DomNode, ...names: readonly string[]): readonly DomNode[] {
  return children.filter(({ name = '' }) => names.includes(name));
}

function columnsOf(cells: readonly DomNode[]): number {
  return cells.reduce((sum, cell) => sum + spanOf(cell), 0);
}

function spanOf({ attribs }: { readonly attribs?: unknown }): number {
  const written = typeof attribs === 'object' && attribs !== null && 'colspan' in attribs ? attribs.colspan : undefined;
  const span = Number(written);
  return Number.isInteger(span) && span > 1 ? span : 1;
}

interface Cell {
  readonly colspan: number;
  readonly text: string;
}

function tableToString(rows: readonly (readonly Cell[])[]): string {
  const widths = widthsOf(rows);
  return rows.flatMap((cells) => linesOf(cells, widths)).join('\n');
}

/** Of the columns; what spans several has no say. */
function widthsOf(rows: readonly (readonly Cell[])[]): readonly number[] {
  const widths: number[] = Array<number>(MOST_COLUMNS).fill(0);
  for (const cells of rows) {
    let column = 0;
    for (const { colspan, text } of cells) {
      const width = colspan === 1 ? Math.max(...text.split('\n').map((line) => line.length)) : 0;
      widths[column] = Math.max(widths[column] ?? 0, width);
      column += colspan;
    }
  }
  return widths;
}

function linesOf(cells: readonly Cell[], widths: readonly number[]): readonly string[] {
  const columns = cells.map(({ text }) => text.split('\n'));
  const height = Math.max(1, ...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, index) => {
    let line = '';
    let from = 0;
    let column = 0;
    cells.forEach(({ colspan }, cell) => {
      const text = columns[cell]?.[index] ?? '';
      if (text !== '') line = `${line.padEnd(from)}${text}`;
      for (const width of widths.slice(column, column + colspan)) from += width + BETWEEN_COLUMNS;
      column += colspan;
    });
    return line;
  });
}
