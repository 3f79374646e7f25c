-- Zero-shot categories with realistic error: mostly right and sure, sometimes unsure, now and then wrong.
insert into ds.categorization_zsl
select
    account_id as profile_id,
    if(world_draw(key, 'business', 0, 100) < 55, world_instagram_label(category), null) as ig_category,
    if(ig_category is null, [], [(guess, sure), (other, round(1 - sure, 4))]) as cat_from_ig_cat,
    [(guess, round(sure * 0.98, 4)), (other, round(1 - sure, 4))] as cat_from_bio
from (
    select *,
        if(world_draw(key, 'wrong guess', 0, 100) < 6, world_category(world_draw(key, 'wrong guess', 1, 1000)), category)
            as guess,
        world_category(world_draw(key, 'other guess', 0, 1000)) as other,
        if(world_draw(key, 'sure', 0, 100) < 85, 0.93 + toFloat64(world_draw(key, 'sure', 1, 70)) / 1000,
            0.5 + toFloat64(world_draw(key, 'sure', 1, 400)) / 1000) as sure
    from world.account
    where creator >= {first:Int64} and creator < {last:Int64} and platform = 'INSTAGRAM' and {after:Int64} = 0
        and known_category is not null and born_at < {start:Int64} and world_draw(key, 'categorised', 0, 100) < 90
);
