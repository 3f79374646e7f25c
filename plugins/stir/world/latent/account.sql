-- Accounts of the creators in [first, last), with the coefficients of their closed forms. Draws that shape numbers
-- come from the twin's key (`stream`), names and attributes from the creator's own (`key`).
insert into world.account
with
    accounts as (
        select
            c.*,
            neighbour.handle_stem as neighbour_handle,
            neighbour.has_instagram as neighbour_has_instagram,
            arrayJoin(arrayFilter(
                p -> (p = 'INSTAGRAM' and c.has_instagram) or (p = 'YOUTUBE' and c.has_youtube),
                ['INSTAGRAM', 'YOUTUBE'])) as platform,
            cityHash64(c.key, platform) as account_key,
            cityHash64(c.twin_key, platform) as stream,
            {start:Int64} as start,
            {start:Int64} - 364 * 86400 as horizon,
            c.twin != c.creator or c.creator % 37 = 4 as is_tied
        from world.creator as c
        -- The creator before, whose handle some take over.
        left join world.creator as neighbour on neighbour.creator = c.creator - 1
        where c.creator >= {first:Int64} and c.creator < {last:Int64}
    ),
    shaped as (
        select
            *,
            world_odds(world_uniform(stream, 'followers', 0)) as fame,
            if(platform = 'INSTAGRAM', 6000., 3000.) * fame * sqrt(sqrt(fame)) as raw_base,
            world_odds(world_uniform(stream, 'posting', 0)) as zeal,
            world_draw(stream, 'curve', 0, 100) as curve_draw,
            -- Profiles with exactly 0, 3, 4, 5, 11, 12, 13 and 200 posts, for the last-12 and the trimming rules.
            twin % 17 = 7 and born_at < horizon and creator % 61 != 3 and not is_counted as is_planned,
            if(is_planned, [0, 3, 4, 5, 11, 12, 13, 200][1 + intDiv(twin, 17) % 8], -1) as planted_posts,
            -- A handle whose owner vanished is taken by the next creator ten days later.
            creator % 61 = 3 and not is_tied and not is_counted as is_handle_giver,
            creator % 61 = 4 and platform = 'INSTAGRAM' and neighbour_has_instagram and not is_tied and not is_counted
                as is_handle_taker,
            start - 40 * 86400 + world_draw({seed:UInt64}, 'handover', intDiv(creator, 61), 20 * 86400) as handover_at,
            is_handle_taker or world_draw(account_key, 'rename', 0, 100) < 3 as is_renamed,
            is_handle_giver
                or (world_draw(stream, 'deleted', 0, 100) < 3 and not is_planned and not is_counted) as is_deleted
        from accounts
    )
select
    creator,
    platform,
    account_key as key,
    stream,
    cityHash64({seed:UInt64}, 'salt') as salt,
    toInt64(creator * 2 + (platform = 'YOUTUBE') + 1) as row_id,
    if(platform = 'INSTAGRAM', profile_id, channel_id) as account_id,
    if(platform = 'INSTAGRAM', full_name, concat(full_name,
        [' Vlogs', ' Official', ' TV', '', ''][1 + world_draw(account_key, 'title', 0, 5)])) as title,
    -- Some scrapers keep the capitals that the user typed.
    if(world_draw(account_key, 'capitals', 0, 50) = 0, initcap(handle_stem), handle_stem) as first_handle,
    multiIf(is_handle_taker, neighbour_handle, is_renamed, concat('the.', handle_stem), first_handle) as next_handle,
    multiIf(
        is_handle_taker, handover_at + 10 * 86400,
        is_renamed, start - 100 * 86400 + world_draw(account_key, 'renamed at', 0, 200 * 86400),
        4102444800) as renamed_at,
    country,
    known_country,
    language,
    known_language,
    category,
    known_category,
    profile_type,
    city,
    start,
    horizon,
    born_at,
    -- The moment of the last post: some fell silent, most go on.
    if(world_draw(stream, 'quiet', 0, 100) < 8 and not is_planned,
        start - 250 * 86400 + world_draw(stream, 'quiet at', 0, 300 * 86400), 4102444800) as quiet_at,
    multiIf(
        is_handle_giver, handover_at,
        is_deleted, greatest(born_at, start - 200 * 86400) + world_draw(stream, 'deleted at', 0, 300 * 86400),
        4102444800) as deleted_at,
    -- Two accounts of one number at the top of a board would look like a fault of the board: tied ones stay below it.
    multiIf(is_counted, 20000. + world_draw(stream, 'level', 0, 5000), twin % 149 = 3, 0.,
        is_tied, raw_base / (1 + raw_base / 3e4),
        raw_base / (1 + raw_base / 6e8)) as base,
    -- Tied accounts stand still, so that they meet in every month; so do those whose group must not change.
    multiIf(
        is_tied or is_counted or curve_draw < 8, 'steady',
        curve_draw < 20, 'declining',
        curve_draw < 40, 'logistic',
        'linear') as curve,
    -- Per year for lines and declines, in years for the slope of a logistic.
    if(curve = 'logistic', 0.1 + 0.4 * world_uniform(stream, 'pace', 0),
        least(0.03 + 0.25 * world_odds(world_uniform(stream, 'pace', 0)), 6.)) as pace,
    world_uniform(stream, 'middle', 0) - 0.5 as middle,
    -- A viral month: a gain of 10 % to 150 % of the level.
    if(world_draw(stream, 'jump', 0, 100) < 5 and not is_tied and not is_counted,
        0.1 + 1.4 * world_uniform(stream, 'jump size', 0), 0.) as jump,
    start - 300 * 86400 + world_draw(stream, 'jump at', 0, 420 * 86400) as jump_at,
    multiIf(world_draw(account_key, 'following', 0, 25) = 0, 0,
        toInt64(least(7500., 80 + 300 * world_odds(world_uniform(account_key, 'following', 1))))) as following,
    if(planted_posts >= 0, 0, intDiv(greatest(horizon - born_at, 0), post_every)) as past_posts,
    if(planted_posts >= 0, horizon, greatest(born_at, horizon)) as post_from,
    -- Median one post in eleven days, mean about five a month, at most four a day.
    if(planted_posts > 0, intDiv(start - horizon, greatest(planted_posts, 1)),
        toInt64(604800 / least(0.6 * sqrt(zeal) * sqrt(sqrt(zeal)) + 0.02, 28.))) as post_every,
    if(planted_posts >= 0, planted_posts, 1000000) as post_limit,
    -- Groups of posts share one publish time.
    if(world_draw(stream, 'dump', 0, 40) = 0 or planted_posts in (11, 13), 5, 1) as post_group,
    0.2 + 0.6 * world_uniform(stream, 'short share', 0) as short_share,
    0.008 + 0.06 * world_uniform(stream, 'engagement', 0) * world_uniform(stream, 'engagement', 1) as engagement,
    0.2 + 1.8 * world_uniform(stream, 'plays', 0) * world_uniform(stream, 'plays', 1) as plays_ratio,
    if(world_draw(stream, 'gap', 0, 25) = 0, toInt8(world_draw(stream, 'gap month', 0, 6)), -1) as gap_month,
    platform = 'INSTAGRAM' and world_draw(account_key, 'connected', 0, 100) < 15 as is_connected,
    platform = 'INSTAGRAM' and not is_tied and not is_planned and world_draw(account_key, 'private', 0, 100) < 4
        as is_private,
    base > 100000 and world_draw(account_key, 'verified', 0, 100) < 60 as is_verified,
    platform = 'YOUTUBE' and not is_tied and world_draw(account_key, 'hidden', 0, 100) < 3 as is_hidden,
    -- Accounts that the scraper saw but whose row never came: orphans of posts and events.
    creator % 101 = 50 and not is_counted as is_unknown,
    -- A few accounts carry the impossible values.
    creator % 251 = 17 as is_broken,
    is_counted
from shaped;
