export { ArchivedEventStore, type HistoryArchive } from './archived-event-store.ts';
export { packHistory, unpackHistory, type ArchivedHistory } from './archived-history.ts';
export { allHistories, archivedAmong, ensureMonths, findHistory, insertHistories } from './archive-table.ts';
export { Archiver, type ArchiverParts } from './archiver.ts';
export { Eraser, type EraserParts } from './eraser.ts';
