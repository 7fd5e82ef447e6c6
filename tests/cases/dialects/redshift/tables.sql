CREATE TABLE "ampersand_data"."projects" (
"project_key" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"name" varchar(max)  ,
"app_name" varchar(max)  ,
"org_id" varchar(max)  ,
"create_time" timestamp with time zone  ,
"update_time" timestamp with time zone  ,
"other_properties" varchar(max)  );

CREATE TABLE "ampersand_data"."listing_integrations" (
"listing_key" varchar(max)  NOT NULL,
"integration_id" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"revision_key" varchar(max)  ,
"name" varchar(max)  ,
"provider" varchar(max)  ,
"create_time" timestamp with time zone  ,
"update_time" timestamp with time zone  ,
"other_properties" varchar(max)  );

CREATE TABLE "ampersand_data"."revisions" (
"revision_key" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"integration_id" varchar(max)  NOT NULL,
"revision_id" varchar(max)  ,
"spec_version" varchar(max)  ,
"create_time" timestamp with time zone  ,
"content_name" varchar(max)  ,
"content_provider" varchar(max)  ,
"display_name" varchar(max)  ,
"module" varchar(max)  ,
"has_read" boolean  ,
"has_write" boolean  ,
"has_subscribe" boolean  ,
"has_proxy" boolean  ,
"proxy_enabled" boolean  ,
"proxy_use_module" boolean  ,
"watch_schema_destination_name" varchar(max)  ,
"watch_schema_schedule" varchar(max)  ,
"watch_schema_min_interval_minutes" bigint  ,
"content_hash" varchar(max)  ,
"content" varchar(max)  );

CREATE TABLE "ampersand_data"."revision_objects" (
"object_key" varchar(max)  NOT NULL,
"revision_key" varchar(max)  NOT NULL,
"action" varchar(max)  ,
"position" bigint  NOT NULL,
"object_name" varchar(max)  ,
"map_to_name" varchar(max)  ,
"map_to_display_name" varchar(max)  ,
"destination_name" varchar(max)  ,
"schedule" varchar(max)  ,
"schedule_runs_per_day" double precision  ,
"schedule_min_interval_minutes" bigint  ,
"enabled" varchar(max)  ,
"optional_fields_auto" varchar(max)  ,
"has_backfill" boolean  ,
"backfill_days" bigint  ,
"backfill_full_history" boolean  ,
"delivery_mode" varchar(max)  ,
"delivery_page_size" bigint  ,
"inherits_mapping" boolean  ,
"allow_any_value_defaults" boolean  );

CREATE TABLE "ampersand_data"."revision_fields" (
"field_key" varchar(max)  NOT NULL,
"revision_key" varchar(max)  NOT NULL,
"object_key" varchar(max)  NOT NULL,
"object_name" varchar(max)  ,
"is_required" boolean  NOT NULL,
"position" bigint  NOT NULL,
"field_name" varchar(max)  ,
"map_to_name" varchar(max)  ,
"map_to_display_name" varchar(max)  ,
"default_field_name" varchar(max)  ,
"prompt" varchar(max)  );

CREATE TABLE "ampersand_data"."revision_subscribe_events" (
"event_key" varchar(max)  NOT NULL,
"revision_key" varchar(max)  NOT NULL,
"object_key" varchar(max)  NOT NULL,
"object_name" varchar(max)  ,
"destination_name" varchar(max)  ,
"event_type" varchar(max)  NOT NULL,
"event_name" varchar(max)  ,
"position" bigint  ,
"enabled" varchar(max)  ,
"watch_fields_auto" varchar(max)  ,
"include_full_records" boolean  );

CREATE TABLE "ampersand_data"."revision_watch_fields" (
"watch_field_key" varchar(max)  NOT NULL,
"revision_key" varchar(max)  NOT NULL,
"event_key" varchar(max)  NOT NULL,
"object_key" varchar(max)  NOT NULL,
"position" bigint  NOT NULL,
"watch_field" varchar(max)  );

CREATE TABLE "ampersand_data"."revision_schema_watch_events" (
"schema_watch_event_key" varchar(max)  NOT NULL,
"revision_key" varchar(max)  NOT NULL,
"scope" varchar(max)  NOT NULL,
"event_type" varchar(max)  NOT NULL,
"enabled" varchar(max)  ,
"destination_name" varchar(max)  ,
"schedule" varchar(max)  );

CREATE TABLE "ampersand_data"."revision_unmapped_properties" (
"unmapped_property_key" varchar(max)  NOT NULL,
"revision_key" varchar(max)  ,
"listing_key" varchar(max)  ,
"json_path" varchar(max)  NOT NULL,
"property_name" varchar(max)  ,
"value" varchar(max)  ,
"reason" varchar(max)  NOT NULL,
"parent_table" varchar(max)  ,
"parent_key" varchar(max)  );

CREATE TABLE "ampersand_data"."extraction_runs" (
"run_id" varchar(max)  NOT NULL,
"scope" varchar(max)  NOT NULL,
"selection" varchar(max)  ,
"started_at" timestamp with time zone  NOT NULL,
"model_version" bigint  NOT NULL,
"versions" varchar(max)  ,
"requests" bigint  ,
"bytes" bigint  ,
"counts" varchar(max)  ,
"_dlt_id" varchar(max)  NOT NULL,
"_dlt_load_id" varchar(max)  NOT NULL);

CREATE TABLE "ampersand_data"."credential_listings" (
"run_id" varchar(max)  NOT NULL,
"credential" varchar(max)  NOT NULL,
"outcome" varchar(max)  NOT NULL,
"asks_for_all" boolean  NOT NULL,
"projects" bigint  ,
"unreadable" varchar(max)  ,
"error" varchar(max)  ,
"_dlt_id" varchar(max)  NOT NULL,
"_dlt_load_id" varchar(max)  NOT NULL);

CREATE TABLE "ampersand_data"."project_listings" (
"run_id" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"credential" varchar(max)  NOT NULL,
"outcome" varchar(max)  NOT NULL,
"project_key" varchar(max)  ,
"listing_key" varchar(max)  ,
"integrations" bigint  ,
"requests" bigint  ,
"bytes" bigint  ,
"seconds" double precision  ,
"error" varchar(max)  ,
"_dlt_id" varchar(max)  NOT NULL,
"_dlt_load_id" varchar(max)  NOT NULL);

CREATE TABLE "ampersand_data"."destinations" (
"destination_key" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"destination_id" varchar(max)  NOT NULL,
"name" varchar(max)  ,
"destination_type" varchar(max)  ,
"url_host" varchar(max)  ,
"has_headers" boolean  ,
"region" varchar(max)  ,
"stream_name" varchar(max)  ,
"partition_key_template" varchar(max)  ,
"bucket" varchar(max)  ,
"key_template" varchar(max)  ,
"storage_class" varchar(max)  ,
"container" varchar(max)  ,
"database_name" varchar(max)  ,
"clickhouse_database" varchar(max)  ,
"schema_name" varchar(max)  ,
"table_name" varchar(max)  ,
"gcp_project_id" varchar(max)  ,
"bigquery_dataset" varchar(max)  ,
"bigquery_table" varchar(max)  ,
"redshift_workgroup" varchar(max)  ,
"redshift_cluster" varchar(max)  ,
"pubsub_topic" varchar(max)  ,
"exchange" varchar(max)  ,
"queue_name" varchar(max)  ,
"queue_address" varchar(max)  ,
"server_address" varchar(max)  ,
"is_tls" boolean  ,
"batch_size" bigint  ,
"max_wait_seconds" bigint  ,
"create_time" timestamp with time zone  ,
"update_time" timestamp with time zone  );

CREATE TABLE "ampersand_data"."installations" (
"installation_key" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"installation_id" varchar(max)  NOT NULL,
"integration_id" varchar(max)  ,
"config_key" varchar(max)  ,
"connection_id" varchar(max)  ,
"group_ref" varchar(max)  ,
"group_name" varchar(max)  ,
"health_status" varchar(max)  ,
"last_operation_status" varchar(max)  ,
"created_by" varchar(max)  ,
"create_time" timestamp with time zone  ,
"update_time" timestamp with time zone  );

CREATE TABLE "ampersand_data"."installation_configs" (
"config_key" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"installation_id" varchar(max)  NOT NULL,
"config_id" varchar(max)  ,
"revision_id" varchar(max)  ,
"provider" varchar(max)  ,
"proxy_enabled" boolean  ,
"created_by" varchar(max)  ,
"create_time" timestamp with time zone  );

CREATE TABLE "ampersand_data"."installation_objects" (
"config_object_key" varchar(max)  NOT NULL,
"config_key" varchar(max)  NOT NULL,
"action" varchar(max)  NOT NULL,
"object_name" varchar(max)  ,
"destination_name" varchar(max)  ,
"schedule" varchar(max)  ,
"is_disabled" boolean  ,
"selected_fields_auto" varchar(max)  ,
"backfill_days" bigint  ,
"backfill_full_history" boolean  ,
"deletion_enabled" boolean  ,
"inherits_fields_and_mappings" boolean  ,
"quota_optimization_enabled" boolean  );

CREATE TABLE "ampersand_data"."installation_fields" (
"config_field_key" varchar(max)  NOT NULL,
"config_key" varchar(max)  NOT NULL,
"config_object_key" varchar(max)  NOT NULL,
"object_name" varchar(max)  ,
"purpose" varchar(max)  NOT NULL,
"position" bigint  ,
"name" varchar(max)  ,
"field_name" varchar(max)  ,
"map_to_name" varchar(max)  ,
"map_to_display_name" varchar(max)  ,
"prompt" varchar(max)  ,
"is_selected" boolean  ,
"write_on_create" varchar(max)  ,
"write_on_update" varchar(max)  ,
"has_default" boolean  );

CREATE TABLE "ampersand_data"."installation_value_mappings" (
"value_mapping_key" varchar(max)  NOT NULL,
"config_key" varchar(max)  NOT NULL,
"config_object_key" varchar(max)  NOT NULL,
"config_field_key" varchar(max)  NOT NULL,
"object_name" varchar(max)  ,
"field_name" varchar(max)  ,
"position" bigint  ,
"delivered_value" varchar(max)  ,
"provider_value" varchar(max)  ,
"mapped_value" varchar(max)  ,
"mapped_display_value" varchar(max)  );

CREATE TABLE "ampersand_data"."installation_filters" (
"config_filter_key" varchar(max)  NOT NULL,
"config_key" varchar(max)  NOT NULL,
"config_object_key" varchar(max)  NOT NULL,
"object_name" varchar(max)  ,
"scope" varchar(max)  NOT NULL,
"position" bigint  NOT NULL,
"field_name" varchar(max)  ,
"operator" varchar(max)  );

CREATE TABLE "ampersand_data"."installation_events" (
"config_event_key" varchar(max)  NOT NULL,
"config_key" varchar(max)  NOT NULL,
"config_object_key" varchar(max)  NOT NULL,
"object_name" varchar(max)  ,
"event_type" varchar(max)  NOT NULL,
"position" bigint  ,
"event_name" varchar(max)  ,
"enabled" varchar(max)  ,
"watch_fields_auto" varchar(max)  );

CREATE TABLE "ampersand_data"."connections" (
"connection_key" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"connection_id" varchar(max)  NOT NULL,
"provider" varchar(max)  ,
"provider_app_id" varchar(max)  ,
"auth_scheme" varchar(max)  ,
"status" varchar(max)  ,
"scopes" varchar(max)  ,
"group_ref" varchar(max)  ,
"group_name" varchar(max)  ,
"consumer_ref" varchar(max)  ,
"consumer_name" varchar(max)  ,
"provider_workspace_ref" varchar(max)  ,
"provider_consumer_ref" varchar(max)  ,
"create_time" timestamp with time zone  );

CREATE TABLE "ampersand_data"."providers" (
"provider_key" varchar(max)  NOT NULL,
"provider" varchar(max)  NOT NULL,
"display_name" varchar(max)  ,
"auth_type" varchar(max)  ,
"base_url" varchar(max)  ,
"default_module" varchar(max)  ,
"post_auth_info_needed" boolean  ,
"supports_read" boolean  ,
"supports_write" boolean  ,
"supports_subscribe" boolean  ,
"supports_proxy" boolean  ,
"supports_delete" boolean  ,
"supports_search" boolean  ,
"supports_bulk_insert" boolean  ,
"supports_bulk_update" boolean  ,
"supports_bulk_upsert" boolean  ,
"supports_bulk_delete" boolean  ,
"supports_create_events" boolean  ,
"supports_update_events" boolean  ,
"supports_delete_events" boolean  ,
"supports_other_events" boolean  );

CREATE TABLE "ampersand_data"."provider_modules" (
"provider_module_key" varchar(max)  NOT NULL,
"provider_key" varchar(max)  NOT NULL,
"module" varchar(max)  ,
"display_name" varchar(max)  ,
"base_url" varchar(max)  ,
"supports_read" boolean  ,
"supports_write" boolean  ,
"supports_subscribe" boolean  ,
"supports_proxy" boolean  ,
"supports_delete" boolean  ,
"supports_search" boolean  ,
"supports_bulk_insert" boolean  ,
"supports_bulk_update" boolean  ,
"supports_bulk_upsert" boolean  ,
"supports_bulk_delete" boolean  ,
"supports_create_events" boolean  ,
"supports_update_events" boolean  ,
"supports_delete_events" boolean  ,
"supports_other_events" boolean  );

CREATE TABLE "ampersand_data"."provider_apps" (
"provider_app_key" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"provider_app_id" varchar(max)  NOT NULL,
"provider" varchar(max)  ,
"external_ref" varchar(max)  ,
"client_id" varchar(max)  ,
"scopes" varchar(max)  ,
"create_time" timestamp with time zone  ,
"update_time" timestamp with time zone  );

CREATE TABLE "ampersand_data"."topics" (
"topic_key" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"topic_id" varchar(max)  NOT NULL,
"name" varchar(max)  ,
"create_time" timestamp with time zone  ,
"update_time" timestamp with time zone  );

CREATE TABLE "ampersand_data"."topic_event_routes" (
"topic_event_route_key" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"route_id" varchar(max)  NOT NULL,
"event_type" varchar(max)  ,
"topic_id" varchar(max)  ,
"create_time" timestamp with time zone  ,
"update_time" timestamp with time zone  );

CREATE TABLE "ampersand_data"."topic_destination_routes" (
"topic_destination_route_key" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"route_id" varchar(max)  NOT NULL,
"topic_id" varchar(max)  ,
"destination_id" varchar(max)  ,
"create_time" timestamp with time zone  );

CREATE TABLE "ampersand_data"."operations" (
"operation_key" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"operation_id" varchar(max)  NOT NULL,
"run_id" varchar(max)  NOT NULL,
"integration_id" varchar(max)  ,
"installation_id" varchar(max)  ,
"config_id" varchar(max)  ,
"action_type" varchar(max)  ,
"status" varchar(max)  ,
"result" varchar(max)  ,
"object_names" varchar(max)  ,
"retry_attempts" bigint  ,
"records_processed" bigint  ,
"records_estimated_total" bigint  ,
"create_time" timestamp with time zone  );

CREATE TABLE "ampersand_data"."collection_entries" (
"listing_key" varchar(max)  NOT NULL,
"entry_id" varchar(max)  NOT NULL,
"collection" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"entry_key" varchar(max)  NOT NULL);

CREATE TABLE "ampersand_data"."collection_listings" (
"run_id" varchar(max)  NOT NULL,
"collection" varchar(max)  NOT NULL,
"project_id" varchar(max)  NOT NULL,
"credential" varchar(max)  NOT NULL,
"outcome" varchar(max)  NOT NULL,
"listing_key" varchar(max)  ,
"entries" bigint  ,
"requests" bigint  ,
"bytes" bigint  ,
"seconds" double precision  ,
"error" varchar(max)  ,
"_dlt_id" varchar(max)  NOT NULL,
"_dlt_load_id" varchar(max)  NOT NULL);

