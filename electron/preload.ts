// All that the page gets of this program: the bridge of the contract.
import { contextBridge, ipcRenderer } from 'electron';
import { bridgeChannels } from '../main/contract/bridge-channels.ts';
import type { Bridge } from '../main/contract/bridge.ts';

const bridge: Bridge = {
  call: (name, input) => ipcRenderer.invoke(bridgeChannels.call, name, input),
  open: (name, input) => ipcRenderer.invoke(bridgeChannels.open, name, input),
  next: (id) => ipcRenderer.invoke(bridgeChannels.next, id),
  close: (id) => ipcRenderer.invoke(bridgeChannels.close, id),
  desktop: (name, input) => ipcRenderer.invoke(bridgeChannels.desktop, name, input),
};

contextBridge.exposeInMainWorld('autogit', bridge);
