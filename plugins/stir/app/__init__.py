"""The leaderboard application: a JSON API and web pages over the published PostgreSQL tables, as their reader.

Every answer is of one generation of each table that it shows and names it. `reading` reads, `api` answers programs,
`web` answers people. Nothing here writes to the database.
"""
