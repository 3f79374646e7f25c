-- Hours after publishing at which a post is read: often when young; posts from before the start more thinly.
create or replace function world_ages as (format, is_dense) -> multiIf(
    format = 'story', [1, 6, 20],
    is_dense, [1, 6, 24, 48, 72, 168, 336, 720, 1440, 2160],
    [48, 216, 792]);

create or replace function world_grown as (final, age, ripening, share) ->
    toInt64(floor(final * age / (age + ripening) * share));

-- What a document of counters says beside them.
create or replace function world_post_flags as (platform, hides_likes, closes_comments) -> concat(
    if(hides_likes and platform = 'INSTAGRAM', ',"like_and_view_counts_disabled":true', ''),
    if(closes_comments, ',"comments_disabled":true', ''));

-- Each reading in (after, until] of each post that is not private. A post has a format and what it will have gathered
-- in the end (`final_*`); the counters of its readings grow towards these as age / (age + ripening). `newer` is the
-- number of later readings up to `until`.
create or replace view world.post_readings as
with
    numbered as (
        select
            *,
            -- The last reading of a post comes 99 days after publishing at the latest.
            greatest(intDiv({after:Int64} - 8553600 - post_from, post_every) - 1, 0) as lowest,
            toInt64(arrayJoin(range(
                lowest,
                least(greatest(intDiv(least({until:Int64}, quiet_at, deleted_at) - post_from, post_every) + 6, lowest),
                    post_limit)))) as n,
            -- Groups of posts share the publish time of their first.
            intDiv(n, post_group) * post_group as leader,
            post_from + leader * post_every + world_draw(stream, 'published', leader, post_every) as published_at
        from world.account
        where creator >= {first:Int64} and creator < {last:Int64} and not is_private
    ),
    published as (
        select
            *,
            cityHash64(stream, 'post', n) as post_key,
            world_draw(post_key, 'format', 0, 1000) as format_draw,
            multiIf(
                platform = 'YOUTUBE', if(format_draw < 1000 * short_share, 'short', 'video'),
                -- Profiles whose number of posts is planted have no stories, which most counts leave out.
                format_draw < 100 and post_limit = 1000000, 'story',
                format_draw < 100 + 900 * short_share, 'reels',
                world_draw(post_key, 'carousel', 0, 5) < 2, 'carousel',
                'image') as format,
            world_followers(published_at, born_at, start, base, curve, pace, middle, jump, jump_at, stream)
                as followers_then,
            world_draw(post_key, 'viral', 0, 1000) < 2 as is_viral,
            least(sqrt(world_odds(world_uniform(post_key, 'quality', 0))), 60.) * if(is_viral, 25, 1) as quality,
            21600 + world_draw(post_key, 'ripening', 0, 240000) as ripening
        from numbered
        where published_at > {after:Int64} - 8553600 and published_at <= {until:Int64}
            and published_at >= born_at and published_at < quiet_at and published_at < deleted_at
            -- The weekly rhythm: fewer posts on some days.
            and (post_limit < 1000000 or world_draw(stream, 'skip', leader, 100)
                >= [12, 15, 12, 8, 5, 0, 4][toDayOfWeek(world_time(published_at))])
    ),
    ripened as (
        select
            *,
            bitOr(bitShiftLeft(row_id, 24), n + 1) as post_id,
            world_base64(intHash64(bitXor(toUInt64(post_id), salt))) as shortcode,
            if(platform = 'YOUTUBE' or format = 'reels', followers_then * plays_ratio * quality, 0.) as final_plays,
            multiIf(
                -- Likes hidden by the owner read 0, with a flag beside them or without.
                world_draw(post_key, 'hidden likes', 0, 100) = 0, 0.,
                -- A post of a small account that the whole world liked.
                platform = 'INSTAGRAM' and creator % 131 = 11 and n % 40 = 3,
                    4000000. + world_draw(post_key, 'huge', 0, 900000),
                platform = 'YOUTUBE', final_plays * (engagement + 0.01),
                followers_then * engagement * quality) as final_likes,
            world_draw(post_key, 'hidden likes', 0, 100) = 0 and world_draw(post_key, 'hidden likes', 1, 2) = 0
                as hides_likes,
            world_draw(post_key, 'closed comments', 0, 150) = 0 as closes_comments,
            -- Closed comments read 0.
            multiIf(
                closes_comments, 0.,
                platform = 'YOUTUBE', final_plays * engagement,
                followers_then * engagement * quality
            )
                * (0.005 + 0.05 * world_uniform(post_key, 'comments', 0)) as final_comments,
            if(format = 'reels', 0.86 * final_plays, final_likes * (5 + 4 * world_uniform(post_key, 'reach', 0)))
                as final_reach
        from published
    ),
    timed as (
        select
            *,
            world_ages(format, published_at >= start) as ages,
            arrayFilter(
                moment -> moment <= {until:Int64} and moment < deleted_at,
                arrayMap(
                    (hours, i) -> published_at + hours * 3240 + world_draw(post_key, 'read at', i, hours * 720),
                    ages, arrayEnumerate(ages))) as moments,
            arrayJoin(arrayEnumerate(moments)) as reading,
            moments[reading] as at
        from ripened
    )
select
    *,
    length(moments) - reading as newer,
    moments[1] as first_read_at,
    at - published_at as age,
    -- One reading in a hundred is a correction downwards.
    if(world_draw(post_key, 'correction', reading, 100) = 0, 0.97, 1.) as share,
    -- The only play counter of some reels is 0 although they have likes; so are the views of some listed videos.
    if(
        world_draw(post_key, 'no plays', 0, 200) = 0
        or (platform = 'YOUTUBE' and world_draw(post_key, 'listed', 0, 40) = 0
            and world_draw(post_key, 'unwatched', 0, 12) = 0),
        0,
        world_grown(final_plays, age, ripening, share)) as plays,
    world_grown(final_likes, age, ripening, share) as likes,
    world_grown(final_comments, age, ripening, share) as comments,
    world_grown(final_reach, age, ripening, share) as reach,
    world_grown(final_likes * 0.04, age, ripening, share) as saves,
    world_grown(final_likes * 0.03, age, ripening, share) as shares,
    if(at >= renamed_at, next_handle, first_handle) as handle,
    -- The newest state counts; one post in a hundred shows the state before as well.
    newer = 0 or (newer = 1 and world_draw(key, 'redelivered post', n, 100) = 0) as is_kept
from timed
where at > {after:Int64};
