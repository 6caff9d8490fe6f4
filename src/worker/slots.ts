/** Attempts of one executor class that a process makes at once. */
export const SLOTS_PER_EXECUTOR = 128;

/** Of these, so many at one destination of a workspace: a slow one leaves a quarter of the hands to others. */
export const ROOM_PER_DESTINATION = 96;
