COPY INTO `warehouse`.`ampersand_data_staging`.`projects` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`projects` d USING `warehouse`.`ampersand_data_staging`.`projects` s ON d.`project_key` = s.`project_key` WHEN NOT MATCHED THEN INSERT (`project_key`, `project_id`, `name`, `app_name`, `org_id`, `create_time`, `update_time`, `other_properties`) VALUES (s.`project_key`, s.`project_id`, s.`name`, s.`app_name`, s.`org_id`, s.`create_time`, s.`update_time`, s.`other_properties`);

COPY INTO `warehouse`.`ampersand_data_staging`.`listing_integrations` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`listing_integrations` d USING `warehouse`.`ampersand_data_staging`.`listing_integrations` s ON d.`listing_key` = s.`listing_key` AND d.`integration_id` = s.`integration_id` WHEN NOT MATCHED THEN INSERT (`listing_key`, `integration_id`, `project_id`, `revision_key`, `name`, `provider`, `create_time`, `update_time`, `other_properties`) VALUES (s.`listing_key`, s.`integration_id`, s.`project_id`, s.`revision_key`, s.`name`, s.`provider`, s.`create_time`, s.`update_time`, s.`other_properties`);

COPY INTO `warehouse`.`ampersand_data_staging`.`revisions` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`revisions` d USING `warehouse`.`ampersand_data_staging`.`revisions` s ON d.`revision_key` = s.`revision_key` WHEN NOT MATCHED THEN INSERT (`revision_key`, `project_id`, `integration_id`, `revision_id`, `spec_version`, `create_time`, `content_name`, `content_provider`, `display_name`, `module`, `has_read`, `has_write`, `has_subscribe`, `has_proxy`, `proxy_enabled`, `proxy_use_module`, `watch_schema_destination_name`, `watch_schema_schedule`, `watch_schema_min_interval_minutes`, `content_hash`, `content`) VALUES (s.`revision_key`, s.`project_id`, s.`integration_id`, s.`revision_id`, s.`spec_version`, s.`create_time`, s.`content_name`, s.`content_provider`, s.`display_name`, s.`module`, s.`has_read`, s.`has_write`, s.`has_subscribe`, s.`has_proxy`, s.`proxy_enabled`, s.`proxy_use_module`, s.`watch_schema_destination_name`, s.`watch_schema_schedule`, s.`watch_schema_min_interval_minutes`, s.`content_hash`, s.`content`);

COPY INTO `warehouse`.`ampersand_data_staging`.`revision_objects` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`revision_objects` d USING `warehouse`.`ampersand_data_staging`.`revision_objects` s ON d.`object_key` = s.`object_key` WHEN NOT MATCHED THEN INSERT (`object_key`, `revision_key`, `action`, `position`, `object_name`, `map_to_name`, `map_to_display_name`, `destination_name`, `schedule`, `schedule_runs_per_day`, `schedule_min_interval_minutes`, `enabled`, `optional_fields_auto`, `has_backfill`, `backfill_days`, `backfill_full_history`, `delivery_mode`, `delivery_page_size`, `inherits_mapping`, `allow_any_value_defaults`) VALUES (s.`object_key`, s.`revision_key`, s.`action`, s.`position`, s.`object_name`, s.`map_to_name`, s.`map_to_display_name`, s.`destination_name`, s.`schedule`, s.`schedule_runs_per_day`, s.`schedule_min_interval_minutes`, s.`enabled`, s.`optional_fields_auto`, s.`has_backfill`, s.`backfill_days`, s.`backfill_full_history`, s.`delivery_mode`, s.`delivery_page_size`, s.`inherits_mapping`, s.`allow_any_value_defaults`);

COPY INTO `warehouse`.`ampersand_data_staging`.`revision_fields` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`revision_fields` d USING `warehouse`.`ampersand_data_staging`.`revision_fields` s ON d.`field_key` = s.`field_key` WHEN NOT MATCHED THEN INSERT (`field_key`, `revision_key`, `object_key`, `object_name`, `is_required`, `position`, `field_name`, `map_to_name`, `map_to_display_name`, `default_field_name`, `prompt`) VALUES (s.`field_key`, s.`revision_key`, s.`object_key`, s.`object_name`, s.`is_required`, s.`position`, s.`field_name`, s.`map_to_name`, s.`map_to_display_name`, s.`default_field_name`, s.`prompt`);

COPY INTO `warehouse`.`ampersand_data_staging`.`revision_subscribe_events` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`revision_subscribe_events` d USING `warehouse`.`ampersand_data_staging`.`revision_subscribe_events` s ON d.`event_key` = s.`event_key` WHEN NOT MATCHED THEN INSERT (`event_key`, `revision_key`, `object_key`, `object_name`, `destination_name`, `event_type`, `event_name`, `position`, `enabled`, `watch_fields_auto`, `include_full_records`) VALUES (s.`event_key`, s.`revision_key`, s.`object_key`, s.`object_name`, s.`destination_name`, s.`event_type`, s.`event_name`, s.`position`, s.`enabled`, s.`watch_fields_auto`, s.`include_full_records`);

COPY INTO `warehouse`.`ampersand_data_staging`.`revision_watch_fields` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`revision_watch_fields` d USING `warehouse`.`ampersand_data_staging`.`revision_watch_fields` s ON d.`watch_field_key` = s.`watch_field_key` WHEN NOT MATCHED THEN INSERT (`watch_field_key`, `revision_key`, `event_key`, `object_key`, `position`, `watch_field`) VALUES (s.`watch_field_key`, s.`revision_key`, s.`event_key`, s.`object_key`, s.`position`, s.`watch_field`);

COPY INTO `warehouse`.`ampersand_data_staging`.`revision_schema_watch_events` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`revision_schema_watch_events` d USING `warehouse`.`ampersand_data_staging`.`revision_schema_watch_events` s ON d.`schema_watch_event_key` = s.`schema_watch_event_key` WHEN NOT MATCHED THEN INSERT (`schema_watch_event_key`, `revision_key`, `scope`, `event_type`, `enabled`, `destination_name`, `schedule`) VALUES (s.`schema_watch_event_key`, s.`revision_key`, s.`scope`, s.`event_type`, s.`enabled`, s.`destination_name`, s.`schedule`);

COPY INTO `warehouse`.`ampersand_data_staging`.`revision_unmapped_properties` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`revision_unmapped_properties` d USING `warehouse`.`ampersand_data_staging`.`revision_unmapped_properties` s ON d.`unmapped_property_key` = s.`unmapped_property_key` WHEN NOT MATCHED THEN INSERT (`unmapped_property_key`, `revision_key`, `listing_key`, `json_path`, `property_name`, `value`, `reason`, `parent_table`, `parent_key`) VALUES (s.`unmapped_property_key`, s.`revision_key`, s.`listing_key`, s.`json_path`, s.`property_name`, s.`value`, s.`reason`, s.`parent_table`, s.`parent_key`);

COPY INTO `warehouse`.`ampersand_data_staging`.`extraction_runs` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`extraction_runs` d USING `warehouse`.`ampersand_data_staging`.`extraction_runs` s ON d.`run_id` = s.`run_id` WHEN NOT MATCHED THEN INSERT (`run_id`, `scope`, `selection`, `started_at`, `model_version`, `versions`, `requests`, `bytes`, `counts`, `_dlt_id`, `_dlt_load_id`) VALUES (s.`run_id`, s.`scope`, s.`selection`, s.`started_at`, s.`model_version`, s.`versions`, s.`requests`, s.`bytes`, s.`counts`, s.`_dlt_id`, s.`_dlt_load_id`);

COPY INTO `warehouse`.`ampersand_data_staging`.`credential_listings` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`credential_listings` d USING `warehouse`.`ampersand_data_staging`.`credential_listings` s ON d.`run_id` = s.`run_id` AND d.`credential` = s.`credential` WHEN NOT MATCHED THEN INSERT (`run_id`, `credential`, `outcome`, `asks_for_all`, `projects`, `unreadable`, `error`, `_dlt_id`, `_dlt_load_id`) VALUES (s.`run_id`, s.`credential`, s.`outcome`, s.`asks_for_all`, s.`projects`, s.`unreadable`, s.`error`, s.`_dlt_id`, s.`_dlt_load_id`);

COPY INTO `warehouse`.`ampersand_data_staging`.`project_listings` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`project_listings` d USING `warehouse`.`ampersand_data_staging`.`project_listings` s ON d.`run_id` = s.`run_id` AND d.`project_id` = s.`project_id` WHEN NOT MATCHED THEN INSERT (`run_id`, `project_id`, `credential`, `outcome`, `project_key`, `listing_key`, `integrations`, `requests`, `bytes`, `seconds`, `error`, `_dlt_id`, `_dlt_load_id`) VALUES (s.`run_id`, s.`project_id`, s.`credential`, s.`outcome`, s.`project_key`, s.`listing_key`, s.`integrations`, s.`requests`, s.`bytes`, s.`seconds`, s.`error`, s.`_dlt_id`, s.`_dlt_load_id`);

