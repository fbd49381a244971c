// The channels between the window and the desktop: apart from what goes through them, for the preload, which has to be small.

/** All of them are invoked; every answer has the contract's shape. */
export const bridgeChannels = {
  call: 'autogit:call',
  open: 'autogit:open',
  next: 'autogit:next',
  close: 'autogit:close',
  desktop: 'autogit:desktop',
} as const;
