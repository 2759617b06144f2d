import type { Software } from '../../../dps/sip/build/input';

/** This package, as it names itself in what it makes; the version is that of package.json. */
export const SOFTWARE: Software = { name: 'n8n-nodes-digital-preservation', version: '0.1.0' };
