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

COPY INTO `warehouse`.`ampersand_data_staging`.`destinations` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`destinations` d USING `warehouse`.`ampersand_data_staging`.`destinations` s ON d.`destination_key` = s.`destination_key` WHEN NOT MATCHED THEN INSERT (`destination_key`, `project_id`, `destination_id`, `name`, `destination_type`, `url_host`, `has_headers`, `region`, `stream_name`, `partition_key_template`, `bucket`, `key_template`, `storage_class`, `container`, `database_name`, `clickhouse_database`, `schema_name`, `table_name`, `gcp_project_id`, `bigquery_dataset`, `bigquery_table`, `redshift_workgroup`, `redshift_cluster`, `pubsub_topic`, `exchange`, `queue_name`, `queue_address`, `server_address`, `is_tls`, `batch_size`, `max_wait_seconds`, `create_time`, `update_time`) VALUES (s.`destination_key`, s.`project_id`, s.`destination_id`, s.`name`, s.`destination_type`, s.`url_host`, s.`has_headers`, s.`region`, s.`stream_name`, s.`partition_key_template`, s.`bucket`, s.`key_template`, s.`storage_class`, s.`container`, s.`database_name`, s.`clickhouse_database`, s.`schema_name`, s.`table_name`, s.`gcp_project_id`, s.`bigquery_dataset`, s.`bigquery_table`, s.`redshift_workgroup`, s.`redshift_cluster`, s.`pubsub_topic`, s.`exchange`, s.`queue_name`, s.`queue_address`, s.`server_address`, s.`is_tls`, s.`batch_size`, s.`max_wait_seconds`, s.`create_time`, s.`update_time`);

COPY INTO `warehouse`.`ampersand_data_staging`.`installations` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`installations` d USING `warehouse`.`ampersand_data_staging`.`installations` s ON d.`installation_key` = s.`installation_key` WHEN NOT MATCHED THEN INSERT (`installation_key`, `project_id`, `installation_id`, `integration_id`, `config_key`, `connection_id`, `group_ref`, `group_name`, `health_status`, `last_operation_status`, `created_by`, `create_time`, `update_time`) VALUES (s.`installation_key`, s.`project_id`, s.`installation_id`, s.`integration_id`, s.`config_key`, s.`connection_id`, s.`group_ref`, s.`group_name`, s.`health_status`, s.`last_operation_status`, s.`created_by`, s.`create_time`, s.`update_time`);

COPY INTO `warehouse`.`ampersand_data_staging`.`installation_configs` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`installation_configs` d USING `warehouse`.`ampersand_data_staging`.`installation_configs` s ON d.`config_key` = s.`config_key` WHEN NOT MATCHED THEN INSERT (`config_key`, `project_id`, `installation_id`, `config_id`, `revision_id`, `provider`, `proxy_enabled`, `created_by`, `create_time`) VALUES (s.`config_key`, s.`project_id`, s.`installation_id`, s.`config_id`, s.`revision_id`, s.`provider`, s.`proxy_enabled`, s.`created_by`, s.`create_time`);

COPY INTO `warehouse`.`ampersand_data_staging`.`installation_objects` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`installation_objects` d USING `warehouse`.`ampersand_data_staging`.`installation_objects` s ON d.`config_object_key` = s.`config_object_key` WHEN NOT MATCHED THEN INSERT (`config_object_key`, `config_key`, `action`, `object_name`, `destination_name`, `schedule`, `is_disabled`, `selected_fields_auto`, `backfill_days`, `backfill_full_history`, `deletion_enabled`, `inherits_fields_and_mappings`, `quota_optimization_enabled`) VALUES (s.`config_object_key`, s.`config_key`, s.`action`, s.`object_name`, s.`destination_name`, s.`schedule`, s.`is_disabled`, s.`selected_fields_auto`, s.`backfill_days`, s.`backfill_full_history`, s.`deletion_enabled`, s.`inherits_fields_and_mappings`, s.`quota_optimization_enabled`);

COPY INTO `warehouse`.`ampersand_data_staging`.`installation_fields` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`installation_fields` d USING `warehouse`.`ampersand_data_staging`.`installation_fields` s ON d.`config_field_key` = s.`config_field_key` WHEN NOT MATCHED THEN INSERT (`config_field_key`, `config_key`, `config_object_key`, `object_name`, `purpose`, `position`, `name`, `field_name`, `map_to_name`, `map_to_display_name`, `prompt`, `is_selected`, `write_on_create`, `write_on_update`, `has_default`) VALUES (s.`config_field_key`, s.`config_key`, s.`config_object_key`, s.`object_name`, s.`purpose`, s.`position`, s.`name`, s.`field_name`, s.`map_to_name`, s.`map_to_display_name`, s.`prompt`, s.`is_selected`, s.`write_on_create`, s.`write_on_update`, s.`has_default`);

COPY INTO `warehouse`.`ampersand_data_staging`.`installation_value_mappings` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`installation_value_mappings` d USING `warehouse`.`ampersand_data_staging`.`installation_value_mappings` s ON d.`value_mapping_key` = s.`value_mapping_key` WHEN NOT MATCHED THEN INSERT (`value_mapping_key`, `config_key`, `config_object_key`, `config_field_key`, `object_name`, `field_name`, `position`, `delivered_value`, `provider_value`, `mapped_value`, `mapped_display_value`) VALUES (s.`value_mapping_key`, s.`config_key`, s.`config_object_key`, s.`config_field_key`, s.`object_name`, s.`field_name`, s.`position`, s.`delivered_value`, s.`provider_value`, s.`mapped_value`, s.`mapped_display_value`);

COPY INTO `warehouse`.`ampersand_data_staging`.`installation_filters` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`installation_filters` d USING `warehouse`.`ampersand_data_staging`.`installation_filters` s ON d.`config_filter_key` = s.`config_filter_key` WHEN NOT MATCHED THEN INSERT (`config_filter_key`, `config_key`, `config_object_key`, `object_name`, `scope`, `position`, `field_name`, `operator`) VALUES (s.`config_filter_key`, s.`config_key`, s.`config_object_key`, s.`object_name`, s.`scope`, s.`position`, s.`field_name`, s.`operator`);

COPY INTO `warehouse`.`ampersand_data_staging`.`installation_events` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`installation_events` d USING `warehouse`.`ampersand_data_staging`.`installation_events` s ON d.`config_event_key` = s.`config_event_key` WHEN NOT MATCHED THEN INSERT (`config_event_key`, `config_key`, `config_object_key`, `object_name`, `event_type`, `position`, `event_name`, `enabled`, `watch_fields_auto`) VALUES (s.`config_event_key`, s.`config_key`, s.`config_object_key`, s.`object_name`, s.`event_type`, s.`position`, s.`event_name`, s.`enabled`, s.`watch_fields_auto`);

COPY INTO `warehouse`.`ampersand_data_staging`.`connections` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`connections` d USING `warehouse`.`ampersand_data_staging`.`connections` s ON d.`connection_key` = s.`connection_key` WHEN NOT MATCHED THEN INSERT (`connection_key`, `project_id`, `connection_id`, `provider`, `provider_app_id`, `auth_scheme`, `status`, `scopes`, `group_ref`, `group_name`, `consumer_ref`, `consumer_name`, `provider_workspace_ref`, `provider_consumer_ref`, `create_time`) VALUES (s.`connection_key`, s.`project_id`, s.`connection_id`, s.`provider`, s.`provider_app_id`, s.`auth_scheme`, s.`status`, s.`scopes`, s.`group_ref`, s.`group_name`, s.`consumer_ref`, s.`consumer_name`, s.`provider_workspace_ref`, s.`provider_consumer_ref`, s.`create_time`);

COPY INTO `warehouse`.`ampersand_data_staging`.`providers` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`providers` d USING `warehouse`.`ampersand_data_staging`.`providers` s ON d.`provider_key` = s.`provider_key` WHEN NOT MATCHED THEN INSERT (`provider_key`, `provider`, `display_name`, `auth_type`, `base_url`, `default_module`, `post_auth_info_needed`, `supports_read`, `supports_write`, `supports_subscribe`, `supports_proxy`, `supports_delete`, `supports_search`, `supports_bulk_insert`, `supports_bulk_update`, `supports_bulk_upsert`, `supports_bulk_delete`, `supports_create_events`, `supports_update_events`, `supports_delete_events`, `supports_other_events`) VALUES (s.`provider_key`, s.`provider`, s.`display_name`, s.`auth_type`, s.`base_url`, s.`default_module`, s.`post_auth_info_needed`, s.`supports_read`, s.`supports_write`, s.`supports_subscribe`, s.`supports_proxy`, s.`supports_delete`, s.`supports_search`, s.`supports_bulk_insert`, s.`supports_bulk_update`, s.`supports_bulk_upsert`, s.`supports_bulk_delete`, s.`supports_create_events`, s.`supports_update_events`, s.`supports_delete_events`, s.`supports_other_events`);

COPY INTO `warehouse`.`ampersand_data_staging`.`provider_modules` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`provider_modules` d USING `warehouse`.`ampersand_data_staging`.`provider_modules` s ON d.`provider_module_key` = s.`provider_module_key` WHEN NOT MATCHED THEN INSERT (`provider_module_key`, `provider_key`, `module`, `display_name`, `base_url`, `supports_read`, `supports_write`, `supports_subscribe`, `supports_proxy`, `supports_delete`, `supports_search`, `supports_bulk_insert`, `supports_bulk_update`, `supports_bulk_upsert`, `supports_bulk_delete`, `supports_create_events`, `supports_update_events`, `supports_delete_events`, `supports_other_events`) VALUES (s.`provider_module_key`, s.`provider_key`, s.`module`, s.`display_name`, s.`base_url`, s.`supports_read`, s.`supports_write`, s.`supports_subscribe`, s.`supports_proxy`, s.`supports_delete`, s.`supports_search`, s.`supports_bulk_insert`, s.`supports_bulk_update`, s.`supports_bulk_upsert`, s.`supports_bulk_delete`, s.`supports_create_events`, s.`supports_update_events`, s.`supports_delete_events`, s.`supports_other_events`);

COPY INTO `warehouse`.`ampersand_data_staging`.`provider_apps` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`provider_apps` d USING `warehouse`.`ampersand_data_staging`.`provider_apps` s ON d.`provider_app_key` = s.`provider_app_key` WHEN NOT MATCHED THEN INSERT (`provider_app_key`, `project_id`, `provider_app_id`, `provider`, `external_ref`, `client_id`, `scopes`, `create_time`, `update_time`) VALUES (s.`provider_app_key`, s.`project_id`, s.`provider_app_id`, s.`provider`, s.`external_ref`, s.`client_id`, s.`scopes`, s.`create_time`, s.`update_time`);

COPY INTO `warehouse`.`ampersand_data_staging`.`topics` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`topics` d USING `warehouse`.`ampersand_data_staging`.`topics` s ON d.`topic_key` = s.`topic_key` WHEN NOT MATCHED THEN INSERT (`topic_key`, `project_id`, `topic_id`, `name`, `create_time`, `update_time`) VALUES (s.`topic_key`, s.`project_id`, s.`topic_id`, s.`name`, s.`create_time`, s.`update_time`);

COPY INTO `warehouse`.`ampersand_data_staging`.`topic_event_routes` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`topic_event_routes` d USING `warehouse`.`ampersand_data_staging`.`topic_event_routes` s ON d.`topic_event_route_key` = s.`topic_event_route_key` WHEN NOT MATCHED THEN INSERT (`topic_event_route_key`, `project_id`, `route_id`, `event_type`, `topic_id`, `create_time`, `update_time`) VALUES (s.`topic_event_route_key`, s.`project_id`, s.`route_id`, s.`event_type`, s.`topic_id`, s.`create_time`, s.`update_time`);

COPY INTO `warehouse`.`ampersand_data_staging`.`topic_destination_routes` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`topic_destination_routes` d USING `warehouse`.`ampersand_data_staging`.`topic_destination_routes` s ON d.`topic_destination_route_key` = s.`topic_destination_route_key` WHEN NOT MATCHED THEN INSERT (`topic_destination_route_key`, `project_id`, `route_id`, `topic_id`, `destination_id`, `create_time`) VALUES (s.`topic_destination_route_key`, s.`project_id`, s.`route_id`, s.`topic_id`, s.`destination_id`, s.`create_time`);

COPY INTO `warehouse`.`ampersand_data_staging`.`operations` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`operations` d USING `warehouse`.`ampersand_data_staging`.`operations` s ON d.`operation_key` = s.`operation_key` WHEN NOT MATCHED THEN INSERT (`operation_key`, `project_id`, `operation_id`, `run_id`, `integration_id`, `installation_id`, `config_id`, `action_type`, `status`, `result`, `object_names`, `retry_attempts`, `records_processed`, `records_estimated_total`, `create_time`) VALUES (s.`operation_key`, s.`project_id`, s.`operation_id`, s.`run_id`, s.`integration_id`, s.`installation_id`, s.`config_id`, s.`action_type`, s.`status`, s.`result`, s.`object_names`, s.`retry_attempts`, s.`records_processed`, s.`records_estimated_total`, s.`create_time`);

COPY INTO `warehouse`.`ampersand_data_staging`.`collection_entries` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`collection_entries` d USING `warehouse`.`ampersand_data_staging`.`collection_entries` s ON d.`listing_key` = s.`listing_key` AND d.`entry_id` = s.`entry_id` WHEN NOT MATCHED THEN INSERT (`listing_key`, `entry_id`, `collection`, `project_id`, `entry_key`) VALUES (s.`listing_key`, s.`entry_id`, s.`collection`, s.`project_id`, s.`entry_key`);

COPY INTO `warehouse`.`ampersand_data_staging`.`collection_listings` FROM '/Volumes/warehouse/ampersand_data_staging/_dlt_staging_load_volume/id' FILEFORMAT = PARQUET;

MERGE INTO `warehouse`.`ampersand_data`.`collection_listings` d USING `warehouse`.`ampersand_data_staging`.`collection_listings` s ON d.`run_id` = s.`run_id` AND d.`collection` = s.`collection` AND d.`project_id` = s.`project_id` WHEN NOT MATCHED THEN INSERT (`run_id`, `collection`, `project_id`, `credential`, `outcome`, `listing_key`, `entries`, `requests`, `bytes`, `seconds`, `error`, `_dlt_id`, `_dlt_load_id`) VALUES (s.`run_id`, s.`collection`, s.`project_id`, s.`credential`, s.`outcome`, s.`listing_key`, s.`entries`, s.`requests`, s.`bytes`, s.`seconds`, s.`error`, s.`_dlt_id`, s.`_dlt_load_id`);

