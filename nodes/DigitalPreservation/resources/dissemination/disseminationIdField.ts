import type { INodeProperties } from 'n8n-workflow';

export const disseminationIdField: INodeProperties = {
	displayName: 'Dissemination ID',
	name: 'disseminationId',
	type: 'string',
	required: true,
	default: '={{ $json.disseminationId }}',
	placeholder: 'e.g. 5kP2vQ8nLw3Zr7Tj1Xb4Ys',
	description:
		"The ID that 'Dissemination: Create' gave: 22 letters and digits, upper and lower case matter",
};
