"""The JSON API: routes, parameters, paging, problems and limits."""
