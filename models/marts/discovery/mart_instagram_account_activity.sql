{{ config(order_by='profile_id', tags=['core'], access='private') }}

-- Grain: one row per profile_id of which a snapshot within a year, a dated post or a place is known.
-- SQL: macros/discovery/build_instagram_activity.sql
{{ build_instagram_activity() }}
