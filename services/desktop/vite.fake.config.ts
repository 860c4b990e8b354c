// `npm run dev`, `npm run preview`: the pages over the fake gateway.
import { mergeConfig } from 'vite';
import { fakeGatewayPlugin } from './test/fake-gateway/vite-plugin';
import base from './vite.config';

export default mergeConfig({ ...base, server: {} }, { plugins: [fakeGatewayPlugin()] });
