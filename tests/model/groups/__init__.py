"""A plain model of a group, beside the group that the server has."""
