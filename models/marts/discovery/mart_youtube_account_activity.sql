{{ config(order_by='channel_id', tags=['core'], access='private') }}

-- Grain: one row per channel_id with a video.
-- SQL: macros/discovery/build_youtube_activity.sql
{{ build_youtube_activity() }}
