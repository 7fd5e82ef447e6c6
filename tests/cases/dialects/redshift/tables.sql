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

