CREATE TABLE `warehouse`.`ampersand_data`.`projects` (
`project_key` STRING  NOT NULL OPTIONS (description='Digest of the project\'s record.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`name` STRING   OPTIONS (description='Unique name of the project.'),
`app_name` STRING   OPTIONS (description='Name that customers see when connecting.'),
`org_id` STRING   OPTIONS (description='Id of the owning organisation.'),
`create_time` TIMESTAMP   OPTIONS (description='When it was created.'),
`update_time` TIMESTAMP   OPTIONS (description='When it last changed.'),
`other_properties` STRING   OPTIONS (description='JSON object of what no other column holds.'));

CREATE TABLE `warehouse`.`ampersand_data`.`listing_integrations` (
`listing_key` STRING  NOT NULL OPTIONS (description='Digest of the project\'s record and of the bytes of its listing.'),
`integration_id` STRING  NOT NULL OPTIONS (description='Id of the integration; stable across revisions and renames.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`revision_key` STRING   OPTIONS (description='Its latest revision at that time; NULL when it had none.'),
`name` STRING   OPTIONS (description='Name of the integration, unique in the project.'),
`provider` STRING   OPTIONS (description='Key of the provider in Ampersand\'s catalog.'),
`create_time` TIMESTAMP   OPTIONS (description='When the integration was created.'),
`update_time` TIMESTAMP   OPTIONS (description='When it was last deployed or changed.'),
`other_properties` STRING   OPTIONS (description='JSON object of what no other column holds.'));

CREATE TABLE `warehouse`.`ampersand_data`.`revisions` (
`revision_key` STRING  NOT NULL OPTIONS (description='Digest of project id, integration id and the revision as received.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`integration_id` STRING  NOT NULL OPTIONS (description='Id of the integration; stable across revisions and renames.'),
`revision_id` STRING   OPTIONS (description='Id that the API gave the revision.'),
`spec_version` STRING   OPTIONS (description='Version of the manifest\'s format.'),
`create_time` TIMESTAMP   OPTIONS (description='When the revision was deployed.'),
`content_name` STRING   OPTIONS (description='Name inside the manifest; repeats the integration\'s.'),
`content_provider` STRING   OPTIONS (description='Provider inside the manifest; repeats the integration\'s.'),
`display_name` STRING   OPTIONS (description='Label for people.'),
`module` STRING   OPTIONS (description='Module of the provider, where it has several.'),
`has_read` BOOL   OPTIONS (description='Whether it has a block `read`, be it empty.'),
`has_write` BOOL   OPTIONS (description='Whether it has a block `write`, be it empty.'),
`has_subscribe` BOOL   OPTIONS (description='Whether it has a block `subscribe`, be it empty.'),
`has_proxy` BOOL   OPTIONS (description='Whether it has a block `proxy`, be it empty.'),
`proxy_enabled` BOOL   OPTIONS (description='Whether calls may be passed through; NULL counts as false.'),
`proxy_use_module` BOOL   OPTIONS (description='Whether the proxy\'s base address is the module\'s; NULL counts as false.'),
`watch_schema_destination_name` STRING   OPTIONS (description='Name of the Ampersand destination told of changes in customers\' schemas.'),
`watch_schema_schedule` STRING   OPTIONS (description='Cron expression of the checks for such changes.'),
`watch_schema_min_interval_minutes` INT64   OPTIONS (description='Shortest time between two such checks, in minutes; NULL: no schedule, or unreadable.'),
`content_hash` STRING   OPTIONS (description='SHA-256 of the content in canonical form; equal for equal manifests in any project.'),
`content` STRING   OPTIONS (description='The whole manifest as JSON text in ASCII.'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_objects` (
`object_key` STRING  NOT NULL OPTIONS (description='`<revision_key>:<action>:<position>`.'),
`revision_key` STRING  NOT NULL OPTIONS (description='The revision content that the row is part of.'),
`action` STRING   OPTIONS (description='`read`, `write`, `subscribe`, or the name of an action that the model does not know.'),
`position` INT64  NOT NULL OPTIONS (description='Place in the list, from 0.'),
`object_name` STRING   OPTIONS (description='Name of the object at the provider.'),
`map_to_name` STRING   OPTIONS (description='Name under which it is delivered, when mapped (read).'),
`map_to_display_name` STRING   OPTIONS (description='Label of the mapped object (read).'),
`destination_name` STRING   OPTIONS (description='Name of the Ampersand destination that receives it (read, subscribe).'),
`schedule` STRING   OPTIONS (description='Cron expression of the scheduled reads; NULL: read on demand only (read).'),
`schedule_runs_per_day` FLOAT64   OPTIONS (description='Scheduled reads per day, averaged over 28 years; NULL: no schedule, or unreadable.'),
`schedule_min_interval_minutes` INT64   OPTIONS (description='Shortest time between two scheduled reads, in minutes.'),
`enabled` STRING   OPTIONS (description='`always`: read for every installation, even if not selected (read).'),
`optional_fields_auto` STRING   OPTIONS (description='`all`: customers may pick any field (read).'),
`has_backfill` BOOL   OPTIONS (description='Whether it has a block `backfill`, be it empty (read).'),
`backfill_days` INT64   OPTIONS (description='Days of history read at first; 0: none (read).'),
`backfill_full_history` BOOL   OPTIONS (description='Whether all history is read at first (read).'),
`delivery_mode` STRING   OPTIONS (description='`auto` or `onRequest`; NULL counts as `auto` (read).'),
`delivery_page_size` INT64   OPTIONS (description='Records per delivery with `onRequest` (read).'),
`inherits_mapping` BOOL   OPTIONS (description='Whether mapping (write) or fields and mapping (subscribe) are those of the read object of the same name; NULL counts as false.'),
`allow_any_value_defaults` BOOL   OPTIONS (description='Whether customers may set default values for any field (write).'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_fields` (
`field_key` STRING  NOT NULL OPTIONS (description='`<object_key>:required|optional:<position>`.'),
`revision_key` STRING  NOT NULL OPTIONS (description='The revision content that the row is part of.'),
`object_key` STRING  NOT NULL OPTIONS (description='The object entry that the row is part of.'),
`object_name` STRING   OPTIONS (description='Name of the object at the provider, from the object entry.'),
`is_required` BOOL  NOT NULL OPTIONS (description='Whether every customer\'s field is read, without opting out.'),
`position` INT64  NOT NULL OPTIONS (description='Place in the list, from 0.'),
`field_name` STRING   OPTIONS (description='Name of the field at the provider, or a JSONPath; NULL: the customer chooses it.'),
`map_to_name` STRING   OPTIONS (description='Name under which it is delivered, when mapped.'),
`map_to_display_name` STRING   OPTIONS (description='Label of the mapped field.'),
`default_field_name` STRING   OPTIONS (description='Field of the provider that is suggested to the customer.'),
`prompt` STRING   OPTIONS (description='Help text shown to the customer.'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_subscribe_events` (
`event_key` STRING  NOT NULL OPTIONS (description='`<object_key>:<event_type>`, with `:<position>` for others.'),
`revision_key` STRING  NOT NULL OPTIONS (description='The revision content that the row is part of.'),
`object_key` STRING  NOT NULL OPTIONS (description='The object entry that the row is part of.'),
`object_name` STRING   OPTIONS (description='Name of the object at the provider, from the object entry.'),
`destination_name` STRING   OPTIONS (description='Ampersand destination, from the object entry.'),
`event_type` STRING  NOT NULL OPTIONS (description='`create`, `update`, `delete`, `association_change` or `other`.'),
`event_name` STRING   OPTIONS (description='Name that the provider gives the event (other).'),
`position` INT64   OPTIONS (description='Place in `otherEvents`, from 0 (other).'),
`enabled` STRING   OPTIONS (description='`always`: on. NULL: the block only describes the event.'),
`watch_fields_auto` STRING   OPTIONS (description='`all` or `selected` fields are watched (update).'),
`include_full_records` BOOL   OPTIONS (description='Whether whole records are delivered (association_change).'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_watch_fields` (
`watch_field_key` STRING  NOT NULL OPTIONS (description='`<event_key>:watch:<position>`.'),
`revision_key` STRING  NOT NULL OPTIONS (description='The revision content that the row is part of.'),
`event_key` STRING  NOT NULL OPTIONS (description='The event that the row is part of.'),
`object_key` STRING  NOT NULL OPTIONS (description='The object entry that the row is part of.'),
`position` INT64  NOT NULL OPTIONS (description='Place in the list, from 0.'),
`watch_field` STRING   OPTIONS (description='Name of a field of the read object, or the name that it is mapped to.'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_schema_watch_events` (
`schema_watch_event_key` STRING  NOT NULL OPTIONS (description='`<revision_key>:watch_schema:<scope>:<event_type>`.'),
`revision_key` STRING  NOT NULL OPTIONS (description='The revision content that the row is part of.'),
`scope` STRING  NOT NULL OPTIONS (description='`all_objects`.'),
`event_type` STRING  NOT NULL OPTIONS (description='`field_created`, `field_deleted` or `field_changed`.'),
`enabled` STRING   OPTIONS (description='`always`: on.'),
`destination_name` STRING   OPTIONS (description='Ampersand destination, from `watchSchema`.'),
`schedule` STRING   OPTIONS (description='Cron expression, from `watchSchema`.'));

CREATE TABLE `warehouse`.`ampersand_data`.`revision_unmapped_properties` (
`unmapped_property_key` STRING  NOT NULL OPTIONS (description='`<revision_key or listing_key>:unmapped:<digest of the path>`.'),
`revision_key` STRING   OPTIONS (description='The revision content that it is part of; NULL: outside one.'),
`listing_key` STRING   OPTIONS (description='The listing that it is part of; NULL: inside a revision.'),
`json_path` STRING  NOT NULL OPTIONS (description='Where it was: from the integration inside a revision, from the listing outside one, from the project where `parent_table` is `projects`.'),
`property_name` STRING   OPTIONS (description='Last name in the path; NULL for an entry of a list.'),
`value` STRING   OPTIONS (description='The value as JSON text in ASCII, as received.'),
`reason` STRING  NOT NULL OPTIONS (description='`unknown_property`, `wrong_type`, `not_an_object`, `not_text`, `unreadable`, `out_of_range`, `timestamp_precision`, `zero_time`, `duplicate_key`, `differs`, `no_id` or `duplicate_id`.'),
`parent_table` STRING   OPTIONS (description='Table of the row that the value is part of.'),
`parent_key` STRING   OPTIONS (description='Key of that row; parts of a compound key joined by `:`.'));

CREATE TABLE `warehouse`.`ampersand_data`.`extraction_runs` (
`run_id` STRING  NOT NULL OPTIONS (description='Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.'),
`scope` STRING  NOT NULL OPTIONS (description='`all`, `rebuild`, `manifests` (read from files, and no part of what is deployed), or a JSON list of the projects that the run was limited to.'),
`selection` STRING   OPTIONS (description='Tables that were written, separated by blanks.'),
`started_at` TIMESTAMP  NOT NULL OPTIONS (description='When it began.'),
`model_version` INT64  NOT NULL OPTIONS (description='Version of the normalisation that made the rows.'),
`versions` STRING   OPTIONS (description='JSON object: versions of the software that ran.'),
`requests` INT64   OPTIONS (description='HTTP requests sent.'),
`bytes` INT64   OPTIONS (description='Bytes of answers received, after decompression.'),
`counts` STRING   OPTIONS (description='JSON object: rows per table.'),
`_dlt_id` STRING  NOT NULL,
`_dlt_load_id` STRING  NOT NULL);

CREATE TABLE `warehouse`.`ampersand_data`.`credential_listings` (
`run_id` STRING  NOT NULL OPTIONS (description='Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.'),
`credential` STRING  NOT NULL OPTIONS (description='Fingerprint of the API key that was used, which says nothing about the key itself; `manifests` where files were read.'),
`outcome` STRING  NOT NULL OPTIONS (description='`listed` or `failed`.'),
`asks_for_all` BOOL  NOT NULL OPTIONS (description='Whether all that the key can see was asked for, so that a project that it listed before and does not list now is gone.'),
`projects` INT64   OPTIONS (description='Number of projects that it lists.'),
`unreadable` STRING   OPTIONS (description='JSON list of entries that are no projects.'),
`error` STRING   OPTIONS (description='What went wrong, when it failed.'),
`_dlt_id` STRING  NOT NULL,
`_dlt_load_id` STRING  NOT NULL);

CREATE TABLE `warehouse`.`ampersand_data`.`project_listings` (
`run_id` STRING  NOT NULL OPTIONS (description='Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project; the name asked for when its id is not known.'),
`credential` STRING  NOT NULL OPTIONS (description='Fingerprint of the API key that was used, which says nothing about the key itself; `manifests` where files were read.'),
`outcome` STRING  NOT NULL OPTIONS (description='`listed`: read and loaded. `unchanged`: equal to a listing loaded before. `not_found`: the API knows no such project. `failed`: nothing is known.'),
`project_key` STRING   OPTIONS (description='The project\'s record in this run, when one was had.'),
`listing_key` STRING   OPTIONS (description='The listing, when one was had.'),
`integrations` INT64   OPTIONS (description='Number of integrations in the listing.'),
`requests` INT64   OPTIONS (description='HTTP requests sent for the listing.'),
`bytes` INT64   OPTIONS (description='Bytes of the listing, after decompression.'),
`seconds` FLOAT64   OPTIONS (description='Time that the requests took, in seconds.'),
`error` STRING   OPTIONS (description='What went wrong, when it failed.'),
`_dlt_id` STRING  NOT NULL,
`_dlt_load_id` STRING  NOT NULL);

CREATE TABLE `warehouse`.`ampersand_data`.`destinations` (
`destination_key` STRING  NOT NULL OPTIONS (description='Digest of project and the destination\'s attributes.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`destination_id` STRING  NOT NULL OPTIONS (description='Id of the destination.'),
`name` STRING   OPTIONS (description='Name that manifests refer to (`destination_name`); unique in the project.'),
`destination_type` STRING   OPTIONS (description='`webhook`, `kinesis`, `s3` and so on.'),
`url_host` STRING   OPTIONS (description='Host of the webhook.'),
`has_headers` BOOL   OPTIONS (description='Whether requests to the webhook carry headers of their own.'),
`region` STRING   OPTIONS (description='AWS region.'),
`stream_name` STRING   OPTIONS (description='Kinesis stream.'),
`partition_key_template` STRING   OPTIONS (description='How partition keys are made.'),
`bucket` STRING   OPTIONS (description='S3 bucket.'),
`key_template` STRING   OPTIONS (description='How keys of S3 objects are made.'),
`storage_class` STRING   OPTIONS (description='Storage class of S3 objects.'),
`container` STRING   OPTIONS (description='Container of Azure Blob Storage.'),
`database_name` STRING   OPTIONS (description='Database (snowflake, redshift).'),
`clickhouse_database` STRING   OPTIONS (description='Database (clickhouse).'),
`schema_name` STRING   OPTIONS (description='Schema (snowflake, redshift).'),
`table_name` STRING   OPTIONS (description='Table (clickhouse, snowflake, redshift).'),
`gcp_project_id` STRING   OPTIONS (description='Google Cloud project (bigquery, pubsub).'),
`bigquery_dataset` STRING   OPTIONS (description='BigQuery dataset.'),
`bigquery_table` STRING   OPTIONS (description='BigQuery table.'),
`redshift_workgroup` STRING   OPTIONS (description='Redshift Serverless workgroup.'),
`redshift_cluster` STRING   OPTIONS (description='Redshift cluster.'),
`pubsub_topic` STRING   OPTIONS (description='Pub/Sub topic.'),
`exchange` STRING   OPTIONS (description='RabbitMQ exchange.'),
`queue_name` STRING   OPTIONS (description='Queue or topic of Azure Service Bus.'),
`queue_address` STRING   OPTIONS (description='Address of the SQS queue.'),
`server_address` STRING   OPTIONS (description='Address of the RabbitMQ server.'),
`is_tls` BOOL   OPTIONS (description='Whether RabbitMQ uses TLS.'),
`batch_size` INT64   OPTIONS (description='Rows that are collected before they are written (warehouses).'),
`max_wait_seconds` INT64   OPTIONS (description='Seconds after which they are written all the same.'),
`create_time` TIMESTAMP   OPTIONS (description='When it was created.'),
`update_time` TIMESTAMP   OPTIONS (description='When it last changed.'));

CREATE TABLE `warehouse`.`ampersand_data`.`installations` (
`installation_key` STRING  NOT NULL OPTIONS (description='Digest of project and the installation\'s attributes and config.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`installation_id` STRING  NOT NULL OPTIONS (description='Id of it.'),
`integration_id` STRING   OPTIONS (description='Id of the integration installed.'),
`config_key` STRING   OPTIONS (description='Its config.'),
`connection_id` STRING   OPTIONS (description='Id of the connection that it uses.'),
`group_ref` STRING   OPTIONS (description='Customer: id that the builder gave the group. A hash of it where `personal_hash_key` is set.'),
`group_name` STRING   OPTIONS (description='Name of the customer. A hash of it where `personal_hash_key` is set.'),
`health_status` STRING   OPTIONS (description='`healthy` or `unhealthy`.'),
`last_operation_status` STRING   OPTIONS (description='`success`, `failure` or `in_progress`.'),
`created_by` STRING   OPTIONS (description='Who installed it, as `consumer:<ref>`. A hash of it where `personal_hash_key` is set.'),
`create_time` TIMESTAMP   OPTIONS (description='When it was created.'),
`update_time` TIMESTAMP   OPTIONS (description='When it last changed.'));

CREATE TABLE `warehouse`.`ampersand_data`.`installation_configs` (
`config_key` STRING  NOT NULL OPTIONS (description='Digest of project, installation and config.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`installation_id` STRING  NOT NULL OPTIONS (description='Id of the installation.'),
`config_id` STRING   OPTIONS (description='Id that the API gave it.'),
`revision_id` STRING   OPTIONS (description='Revision that was the latest when it was saved, and that the installation stays on (`revisions.revision_id`).'),
`provider` STRING   OPTIONS (description='Key of the provider.'),
`proxy_enabled` BOOL   OPTIONS (description='Whether the proxy is on.'),
`created_by` STRING   OPTIONS (description='Who saved it, as `consumer:<ref>` or `builder:<id>`. A hash of it where `personal_hash_key` is set.'),
`create_time` TIMESTAMP   OPTIONS (description='When it was created.'));

CREATE TABLE `warehouse`.`ampersand_data`.`installation_objects` (
`config_object_key` STRING  NOT NULL OPTIONS (description='`<config_key>:<action>:<object>`.'),
`config_key` STRING  NOT NULL OPTIONS (description='The config that it is part of.'),
`action` STRING  NOT NULL OPTIONS (description='`read`, `write` or `subscribe`.'),
`object_name` STRING   OPTIONS (description='Name of the object at the provider.'),
`destination_name` STRING   OPTIONS (description='Destination that the customer\'s records go to (read, subscribe).'),
`schedule` STRING   OPTIONS (description='Cron expression.'),
`is_disabled` BOOL   OPTIONS (description='Whether scheduled reads are paused.'),
`selected_fields_auto` STRING   OPTIONS (description='`all`: every field is read.'),
`backfill_days` INT64   OPTIONS (description='Days that are read back; 0: none.'),
`backfill_full_history` BOOL   OPTIONS (description='Whether everything is read back.'),
`deletion_enabled` BOOL   OPTIONS (description='Whether records may be deleted.'),
`inherits_fields_and_mappings` BOOL   OPTIONS (description='Whether fields and mappings are those of the read object.'),
`quota_optimization_enabled` BOOL   OPTIONS (description='Whether changes that do not matter are dropped at the provider.'));

CREATE TABLE `warehouse`.`ampersand_data`.`installation_fields` (
`config_field_key` STRING  NOT NULL OPTIONS (description='`<config_object_key>:<purpose>:<name or position>`, of a field that is watched `<config_event_key>:watch:<position>`.'),
`config_key` STRING  NOT NULL OPTIONS (description='The config that it is part of.'),
`config_object_key` STRING  NOT NULL OPTIONS (description='The object entry that it is part of.'),
`object_name` STRING   OPTIONS (description='From the object entry.'),
`purpose` STRING  NOT NULL OPTIONS (description='`selected`, `mapping`, `value_mapping` (its values are mapped), `dynamic_mapping` (a mapping that is offered), `write_setting`, `write_default` (its older form) or `watch`.'),
`position` INT64   OPTIONS (description='Place in its list (dynamic_mapping, watch).'),
`name` STRING   OPTIONS (description='What it is listed under: the field; for a mapping the name that it is mapped to.'),
`field_name` STRING   OPTIONS (description='Field of the provider (mapping, dynamic_mapping, watch).'),
`map_to_name` STRING   OPTIONS (description='Name under which it is delivered (mapping, dynamic_mapping).'),
`map_to_display_name` STRING   OPTIONS (description='Label.'),
`prompt` STRING   OPTIONS (description='Help text.'),
`is_selected` BOOL   OPTIONS (description='Whether it is read (selected).'),
`write_on_create` STRING   OPTIONS (description='`always` or `never`: whether the default is written to new records.'),
`write_on_update` STRING   OPTIONS (description='`always`, `never` or `ifEmpty`: whether it is written to changed ones.'),
`has_default` BOOL   OPTIONS (description='Whether there is a default; its value is not kept.'));

CREATE TABLE `warehouse`.`ampersand_data`.`installation_value_mappings` (
`value_mapping_key` STRING  NOT NULL OPTIONS (description='`<config_field_key>:value:<name or position>`.'),
`config_key` STRING  NOT NULL OPTIONS (description='The config that it is part of.'),
`config_object_key` STRING  NOT NULL OPTIONS (description='The object entry that it is part of.'),
`config_field_key` STRING  NOT NULL OPTIONS (description='The field entry that it is part of.'),
`object_name` STRING   OPTIONS (description='From the object entry.'),
`field_name` STRING   OPTIONS (description='What the field is listed under; NULL: offered.'),
`position` INT64   OPTIONS (description='Place in its list (offered).'),
`delivered_value` STRING   OPTIONS (description='Value that is delivered.'),
`provider_value` STRING   OPTIONS (description='Value at the provider.'),
`mapped_value` STRING   OPTIONS (description='Value that can be mapped.'),
`mapped_display_value` STRING   OPTIONS (description='What the customer sees of it.'));

CREATE TABLE `warehouse`.`ampersand_data`.`installation_filters` (
`config_filter_key` STRING  NOT NULL OPTIONS (description='`<config_object_key>:<scope>_filter:<position>`.'),
`config_key` STRING  NOT NULL OPTIONS (description='The config that it is part of.'),
`config_object_key` STRING  NOT NULL OPTIONS (description='The object entry that it is part of.'),
`object_name` STRING   OPTIONS (description='From the object entry.'),
`scope` STRING  NOT NULL OPTIONS (description='`read`, or `backfill` for that alone.'),
`position` INT64  NOT NULL OPTIONS (description='Place in the list, from 0.'),
`field_name` STRING   OPTIONS (description='Field that is compared.'),
`operator` STRING   OPTIONS (description='How it is compared, such as `eq`.'));

CREATE TABLE `warehouse`.`ampersand_data`.`installation_events` (
`config_event_key` STRING  NOT NULL OPTIONS (description='`<config_object_key>:<event_type>`, with `:<position>` for others.'),
`config_key` STRING  NOT NULL OPTIONS (description='The config that it is part of.'),
`config_object_key` STRING  NOT NULL OPTIONS (description='The object entry that it is part of.'),
`object_name` STRING   OPTIONS (description='From the object entry.'),
`event_type` STRING  NOT NULL OPTIONS (description='`create`, `update`, `delete` or `other`.'),
`position` INT64   OPTIONS (description='Place in `otherEvents`, from 0 (other).'),
`event_name` STRING   OPTIONS (description='Name at the provider (other).'),
`enabled` STRING   OPTIONS (description='`always` or `never`.'),
`watch_fields_auto` STRING   OPTIONS (description='`all` fields are watched.'));

CREATE TABLE `warehouse`.`ampersand_data`.`connections` (
`connection_key` STRING  NOT NULL OPTIONS (description='Digest of project and the connection\'s attributes.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`connection_id` STRING  NOT NULL OPTIONS (description='Id of the connection.'),
`provider` STRING   OPTIONS (description='Key of the provider.'),
`provider_app_id` STRING   OPTIONS (description='Id of the provider app.'),
`auth_scheme` STRING   OPTIONS (description='Such as `oauth2/authorizationCode`.'),
`status` STRING   OPTIONS (description='`created`, `working` or `bad_credentials`.'),
`scopes` STRING   OPTIONS (description='JSON list of the scopes granted.'),
`group_ref` STRING   OPTIONS (description='Customer: id that the builder gave the group. A hash of it where `personal_hash_key` is set.'),
`group_name` STRING   OPTIONS (description='Name of the customer. A hash of it where `personal_hash_key` is set.'),
`consumer_ref` STRING   OPTIONS (description='Person: id that the builder gave. A hash of it where `personal_hash_key` is set.'),
`consumer_name` STRING   OPTIONS (description='Name of the person. A hash of it where `personal_hash_key` is set.'),
`provider_workspace_ref` STRING   OPTIONS (description='Workspace at the provider, such as a subdomain. A hash of it where `personal_hash_key` is set.'),
`provider_consumer_ref` STRING   OPTIONS (description='Person\'s id at the provider. A hash of it where `personal_hash_key` is set.'),
`create_time` TIMESTAMP   OPTIONS (description='When it was created.'));

CREATE TABLE `warehouse`.`ampersand_data`.`providers` (
`provider_key` STRING  NOT NULL OPTIONS (description='Digest of the provider\'s attributes.'),
`provider` STRING  NOT NULL OPTIONS (description='Key of the provider.'),
`display_name` STRING   OPTIONS (description='Name for people.'),
`auth_type` STRING   OPTIONS (description='How one signs in.'),
`base_url` STRING   OPTIONS (description='Address of its API.'),
`default_module` STRING   OPTIONS (description='Module that counts where a manifest names none.'),
`post_auth_info_needed` BOOL   OPTIONS (description='Whether more has to be known after signing in.'),
`supports_read` BOOL   OPTIONS (description='Whether records can be read.'),
`supports_write` BOOL   OPTIONS (description='Whether records can be written.'),
`supports_subscribe` BOOL   OPTIONS (description='Whether there are events.'),
`supports_proxy` BOOL   OPTIONS (description='Whether there is a proxy.'),
`supports_delete` BOOL   OPTIONS (description='Whether records can be deleted.'),
`supports_search` BOOL   OPTIONS (description='Whether records can be searched for.'),
`supports_bulk_insert` BOOL   OPTIONS (description='Whether many can be inserted at once.'),
`supports_bulk_update` BOOL   OPTIONS (description='Whether many can be updated at once.'),
`supports_bulk_upsert` BOOL   OPTIONS (description='Whether many can be upserted at once.'),
`supports_bulk_delete` BOOL   OPTIONS (description='Whether many can be deleted at once.'),
`supports_create_events` BOOL   OPTIONS (description='Whether new records send events.'),
`supports_update_events` BOOL   OPTIONS (description='Whether changed records send events.'),
`supports_delete_events` BOOL   OPTIONS (description='Whether deleted records send events.'),
`supports_other_events` BOOL   OPTIONS (description='Whether others are passed on.'));

CREATE TABLE `warehouse`.`ampersand_data`.`provider_modules` (
`provider_module_key` STRING  NOT NULL OPTIONS (description='`<provider_key>:module:<module>`.'),
`provider_key` STRING  NOT NULL OPTIONS (description='The provider that it is part of.'),
`module` STRING   OPTIONS (description='Key of the module.'),
`display_name` STRING   OPTIONS (description='Name for people.'),
`base_url` STRING   OPTIONS (description='Address of its API.'),
`supports_read` BOOL   OPTIONS (description='Whether records can be read.'),
`supports_write` BOOL   OPTIONS (description='Whether records can be written.'),
`supports_subscribe` BOOL   OPTIONS (description='Whether there are events.'),
`supports_proxy` BOOL   OPTIONS (description='Whether there is a proxy.'),
`supports_delete` BOOL   OPTIONS (description='Whether records can be deleted.'),
`supports_search` BOOL   OPTIONS (description='Whether records can be searched for.'),
`supports_bulk_insert` BOOL   OPTIONS (description='Whether many can be inserted at once.'),
`supports_bulk_update` BOOL   OPTIONS (description='Whether many can be updated at once.'),
`supports_bulk_upsert` BOOL   OPTIONS (description='Whether many can be upserted at once.'),
`supports_bulk_delete` BOOL   OPTIONS (description='Whether many can be deleted at once.'),
`supports_create_events` BOOL   OPTIONS (description='Whether new records send events.'),
`supports_update_events` BOOL   OPTIONS (description='Whether changed records send events.'),
`supports_delete_events` BOOL   OPTIONS (description='Whether deleted records send events.'),
`supports_other_events` BOOL   OPTIONS (description='Whether others are passed on.'));

CREATE TABLE `warehouse`.`ampersand_data`.`provider_apps` (
`provider_app_key` STRING  NOT NULL OPTIONS (description='Digest of project and the app\'s attributes.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`provider_app_id` STRING  NOT NULL OPTIONS (description='Id of the app.'),
`provider` STRING   OPTIONS (description='Key of the provider.'),
`external_ref` STRING   OPTIONS (description='Id that the provider gave the app.'),
`client_id` STRING   OPTIONS (description='OAuth client id, which is public.'),
`scopes` STRING   OPTIONS (description='JSON list of the scopes that it asks for.'),
`create_time` TIMESTAMP   OPTIONS (description='When it was created.'),
`update_time` TIMESTAMP   OPTIONS (description='When it last changed.'));

CREATE TABLE `warehouse`.`ampersand_data`.`topics` (
`topic_key` STRING  NOT NULL OPTIONS (description='Digest of project and the topic\'s attributes.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`topic_id` STRING  NOT NULL OPTIONS (description='Id of the topic.'),
`name` STRING   OPTIONS (description='Name of the topic.'),
`create_time` TIMESTAMP   OPTIONS (description='When it was created.'),
`update_time` TIMESTAMP   OPTIONS (description='When it last changed.'));

CREATE TABLE `warehouse`.`ampersand_data`.`topic_event_routes` (
`topic_event_route_key` STRING  NOT NULL OPTIONS (description='Digest of project and the route\'s attributes.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`route_id` STRING  NOT NULL OPTIONS (description='Id of the route.'),
`event_type` STRING   OPTIONS (description='Such as `connection.error`.'),
`topic_id` STRING   OPTIONS (description='Id of the topic.'),
`create_time` TIMESTAMP   OPTIONS (description='When it was created.'),
`update_time` TIMESTAMP   OPTIONS (description='When it last changed.'));

CREATE TABLE `warehouse`.`ampersand_data`.`topic_destination_routes` (
`topic_destination_route_key` STRING  NOT NULL OPTIONS (description='Digest of project and the route\'s attributes.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`route_id` STRING  NOT NULL OPTIONS (description='Id of the route.'),
`topic_id` STRING   OPTIONS (description='Id of the topic.'),
`destination_id` STRING   OPTIONS (description='Id of it.'),
`create_time` TIMESTAMP   OPTIONS (description='When it was created.'));

CREATE TABLE `warehouse`.`ampersand_data`.`operations` (
`operation_key` STRING  NOT NULL OPTIONS (description='Digest of project and the operation\'s state.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project.'),
`operation_id` STRING  NOT NULL OPTIONS (description='Id of the operation.'),
`run_id` STRING  NOT NULL OPTIONS (description='The run that saw it in this state.'),
`integration_id` STRING   OPTIONS (description='Id of the integration.'),
`installation_id` STRING   OPTIONS (description='Id of the installation.'),
`config_id` STRING   OPTIONS (description='Id of the config that it ran with.'),
`action_type` STRING   OPTIONS (description='`read`, `write` or `subscribe`.'),
`status` STRING   OPTIONS (description='`success`, `failure` or `in_progress`.'),
`result` STRING   OPTIONS (description='What came of it, in words.'),
`object_names` STRING   OPTIONS (description='JSON list of the objects.'),
`retry_attempts` INT64   OPTIONS (description='Attempts so far.'),
`records_processed` INT64   OPTIONS (description='Records read so far.'),
`records_estimated_total` INT64   OPTIONS (description='Records that there are, where the provider tells.'),
`create_time` TIMESTAMP   OPTIONS (description='When it was created.'));

CREATE TABLE `warehouse`.`ampersand_data`.`collection_entries` (
`listing_key` STRING  NOT NULL OPTIONS (description='Digest of what the listing holds.'),
`entry_id` STRING  NOT NULL OPTIONS (description='Id of the entry.'),
`collection` STRING  NOT NULL OPTIONS (description='Table that has the entry.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project; empty for what is the same for all.'),
`entry_key` STRING  NOT NULL OPTIONS (description='Key of the entry in that table.'));

CREATE TABLE `warehouse`.`ampersand_data`.`collection_listings` (
`run_id` STRING  NOT NULL OPTIONS (description='Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.'),
`collection` STRING  NOT NULL OPTIONS (description='Table that has the entries.'),
`project_id` STRING  NOT NULL OPTIONS (description='Id of the Ampersand project; empty for what is the same for all.'),
`credential` STRING  NOT NULL OPTIONS (description='Fingerprint of the API key that was used, which says nothing about the key itself; `manifests` where files were read.'),
`outcome` STRING  NOT NULL OPTIONS (description='`listed`: read and loaded. `unchanged`: equal to a listing loaded before. `failed`: nothing is known.'),
`listing_key` STRING   OPTIONS (description='The listing, when one was had; NULL for operations, of which only the new are read.'),
`entries` INT64   OPTIONS (description='Number of entries; of operations, of those that were read.'),
`requests` INT64   OPTIONS (description='HTTP requests sent for it.'),
`bytes` INT64   OPTIONS (description='Bytes of the answers, after decompression.'),
`seconds` FLOAT64   OPTIONS (description='Time that the requests took, in seconds.'),
`error` STRING   OPTIONS (description='What went wrong, when it failed.'),
`_dlt_id` STRING  NOT NULL,
`_dlt_load_id` STRING  NOT NULL);

