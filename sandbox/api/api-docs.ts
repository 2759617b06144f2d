/** What `GET /v1/api-docs` answers: an OpenAPI document that lists the sandbox's calls. */
export const API_DOCS = {
	openapi: '3.1.0',
	info: {
		title: 'DPS sandbox',
		description:
			'A stand-in for the Digital Preservation Services of the National Library of Norway',
		version: '1.0.0',
	},
	paths: {
		'/v1/contracts/{contractId}/submissions': {
			post: call('createSubmission', ['contractId'], '201'),
			get: call('listSubmissions', ['contractId'], '200'),
		},
		'/v1/contracts/{contractId}/submissions/{submissionId}': {
			get: call('getSubmissionStatus', ['contractId', 'submissionId'], '200'),
			delete: call('deleteSubmission', ['contractId', 'submissionId'], '204'),
		},
		'/v1/contracts/{contractId}/submissions/{submissionId}/files': {
			post: call('registerFile', ['contractId', 'submissionId'], '201'),
		},
		'/v1/contracts/{contractId}/submissions/{submissionId}/files/{fileId}': {
			get: call('getFile', ['contractId', 'submissionId', 'fileId'], '200'),
			delete: call('deleteFile', ['contractId', 'submissionId', 'fileId'], '204'),
		},
		'/v1/contracts/{contractId}/submissions/{submissionId}/finalize': {
			post: call('finalizeSubmission', ['contractId', 'submissionId'], '200'),
		},
		'/v1/contracts/{contractId}/submissions/{submissionId}/events': {
			post: call('addEvent', ['contractId', 'submissionId'], '201'),
			get: call('listEvents', ['contractId', 'submissionId'], '200'),
		},
		'/v1/disseminations': { post: call('orderDissemination', [], '201') },
		'/v1/disseminations/{disseminationId}': {
			get: call('getDissemination', ['disseminationId'], '200'),
		},
	},
};

function call(operationId: string, pathParameters: string[], status: string) {
	return {
		operationId,
		parameters: pathParameters.map((name) => ({
			name,
			in: 'path',
			required: true,
			schema: { type: 'string' },
		})),
		responses: { [status]: { description: 'Done' } },
	};
}
