"""REST, WebSocket, server-sent events, OpenAPI and its pages: all derived from the contracts."""
