-- Pre-production twins of four tables of the product's database.
create database if not exists coffee_stage;

create table coffee_stage.post_collection_item as coffee_replica.post_collection_item;

create table coffee_stage.profile_collection_item as coffee_replica.profile_collection_item;

create table coffee_stage.view_instagram_account_lite as coffee_replica.view_instagram_account_lite;

create table coffee_stage.view_youtube_account_lite as coffee_replica.view_youtube_account_lite;
