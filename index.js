// n8n reads the nodes and credentials from the "n8n" section of package.json; this file only
// gives the package an entry point, as n8n's own node packages do.
module.exports = {};
