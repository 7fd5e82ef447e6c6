CREATE TABLE "AMPERSAND_DATA"."PROJECTS" (
"PROJECT_KEY" VARCHAR  NOT NULL COMMENT 'Digest of the project''s record.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"NAME" VARCHAR   COMMENT 'Unique name of the project.',
"APP_NAME" VARCHAR   COMMENT 'Name that customers see when connecting.',
"ORG_ID" VARCHAR   COMMENT 'Id of the owning organisation.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it was created.',
"UPDATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it last changed.',
"OTHER_PROPERTIES" VARCHAR   COMMENT 'JSON object of what no other column holds.');

CREATE TABLE "AMPERSAND_DATA"."LISTING_INTEGRATIONS" (
"LISTING_KEY" VARCHAR  NOT NULL COMMENT 'Digest of the project''s record and of the bytes of its listing.',
"INTEGRATION_ID" VARCHAR  NOT NULL COMMENT 'Id of the integration; stable across revisions and renames.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"REVISION_KEY" VARCHAR   COMMENT 'Its latest revision at that time; NULL when it had none.',
"NAME" VARCHAR   COMMENT 'Name of the integration, unique in the project.',
"PROVIDER" VARCHAR   COMMENT 'Key of the provider in Ampersand''s catalog.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When the integration was created.',
"UPDATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it was last deployed or changed.',
"OTHER_PROPERTIES" VARCHAR   COMMENT 'JSON object of what no other column holds.');

CREATE TABLE "AMPERSAND_DATA"."REVISIONS" (
"REVISION_KEY" VARCHAR  NOT NULL COMMENT 'Digest of project id, integration id and the revision as received.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"INTEGRATION_ID" VARCHAR  NOT NULL COMMENT 'Id of the integration; stable across revisions and renames.',
"REVISION_ID" VARCHAR   COMMENT 'Id that the API gave the revision.',
"SPEC_VERSION" VARCHAR   COMMENT 'Version of the manifest''s format.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When the revision was deployed.',
"CONTENT_NAME" VARCHAR   COMMENT 'Name inside the manifest; repeats the integration''s.',
"CONTENT_PROVIDER" VARCHAR   COMMENT 'Provider inside the manifest; repeats the integration''s.',
"DISPLAY_NAME" VARCHAR   COMMENT 'Label for people.',
"MODULE" VARCHAR   COMMENT 'Module of the provider, where it has several.',
"HAS_READ" BOOLEAN   COMMENT 'Whether it has a block `read`, be it empty.',
"HAS_WRITE" BOOLEAN   COMMENT 'Whether it has a block `write`, be it empty.',
"HAS_SUBSCRIBE" BOOLEAN   COMMENT 'Whether it has a block `subscribe`, be it empty.',
"HAS_PROXY" BOOLEAN   COMMENT 'Whether it has a block `proxy`, be it empty.',
"PROXY_ENABLED" BOOLEAN   COMMENT 'Whether calls may be passed through; NULL counts as false.',
"PROXY_USE_MODULE" BOOLEAN   COMMENT 'Whether the proxy''s base address is the module''s; NULL counts as false.',
"WATCH_SCHEMA_DESTINATION_NAME" VARCHAR   COMMENT 'Name of the Ampersand destination told of changes in customers'' schemas.',
"WATCH_SCHEMA_SCHEDULE" VARCHAR   COMMENT 'Cron expression of the checks for such changes.',
"WATCH_SCHEMA_MIN_INTERVAL_MINUTES" NUMBER(19,0)   COMMENT 'Shortest time between two such checks, in minutes; NULL: no schedule, or unreadable.',
"CONTENT_HASH" VARCHAR   COMMENT 'SHA-256 of the content in canonical form; equal for equal manifests in any project.',
"CONTENT" VARCHAR   COMMENT 'The whole manifest as JSON text in ASCII.');

CREATE TABLE "AMPERSAND_DATA"."REVISION_OBJECTS" (
"OBJECT_KEY" VARCHAR  NOT NULL COMMENT '`<revision_key>:<action>:<position>`.',
"REVISION_KEY" VARCHAR  NOT NULL COMMENT 'The revision content that the row is part of.',
"ACTION" VARCHAR   COMMENT '`read`, `write`, `subscribe`, or the name of an action that the model does not know.',
"POSITION" NUMBER(19,0)  NOT NULL COMMENT 'Place in the list, from 0.',
"OBJECT_NAME" VARCHAR   COMMENT 'Name of the object at the provider.',
"MAP_TO_NAME" VARCHAR   COMMENT 'Name under which it is delivered, when mapped (read).',
"MAP_TO_DISPLAY_NAME" VARCHAR   COMMENT 'Label of the mapped object (read).',
"DESTINATION_NAME" VARCHAR   COMMENT 'Name of the Ampersand destination that receives it (read, subscribe).',
"SCHEDULE" VARCHAR   COMMENT 'Cron expression of the scheduled reads; NULL: read on demand only (read).',
"SCHEDULE_RUNS_PER_DAY" FLOAT   COMMENT 'Scheduled reads per day, averaged over 28 years; NULL: no schedule, or unreadable.',
"SCHEDULE_MIN_INTERVAL_MINUTES" NUMBER(19,0)   COMMENT 'Shortest time between two scheduled reads, in minutes.',
"ENABLED" VARCHAR   COMMENT '`always`: read for every installation, even if not selected (read).',
"OPTIONAL_FIELDS_AUTO" VARCHAR   COMMENT '`all`: customers may pick any field (read).',
"HAS_BACKFILL" BOOLEAN   COMMENT 'Whether it has a block `backfill`, be it empty (read).',
"BACKFILL_DAYS" NUMBER(19,0)   COMMENT 'Days of history read at first; 0: none (read).',
"BACKFILL_FULL_HISTORY" BOOLEAN   COMMENT 'Whether all history is read at first (read).',
"DELIVERY_MODE" VARCHAR   COMMENT '`auto` or `onRequest`; NULL counts as `auto` (read).',
"DELIVERY_PAGE_SIZE" NUMBER(19,0)   COMMENT 'Records per delivery with `onRequest` (read).',
"INHERITS_MAPPING" BOOLEAN   COMMENT 'Whether mapping (write) or fields and mapping (subscribe) are those of the read object of the same name; NULL counts as false.',
"ALLOW_ANY_VALUE_DEFAULTS" BOOLEAN   COMMENT 'Whether customers may set default values for any field (write).');

CREATE TABLE "AMPERSAND_DATA"."REVISION_FIELDS" (
"FIELD_KEY" VARCHAR  NOT NULL COMMENT '`<object_key>:required|optional:<position>`.',
"REVISION_KEY" VARCHAR  NOT NULL COMMENT 'The revision content that the row is part of.',
"OBJECT_KEY" VARCHAR  NOT NULL COMMENT 'The object entry that the row is part of.',
"OBJECT_NAME" VARCHAR   COMMENT 'Name of the object at the provider, from the object entry.',
"IS_REQUIRED" BOOLEAN  NOT NULL COMMENT 'Whether every customer''s field is read, without opting out.',
"POSITION" NUMBER(19,0)  NOT NULL COMMENT 'Place in the list, from 0.',
"FIELD_NAME" VARCHAR   COMMENT 'Name of the field at the provider, or a JSONPath; NULL: the customer chooses it.',
"MAP_TO_NAME" VARCHAR   COMMENT 'Name under which it is delivered, when mapped.',
"MAP_TO_DISPLAY_NAME" VARCHAR   COMMENT 'Label of the mapped field.',
"DEFAULT_FIELD_NAME" VARCHAR   COMMENT 'Field of the provider that is suggested to the customer.',
"PROMPT" VARCHAR   COMMENT 'Help text shown to the customer.');

CREATE TABLE "AMPERSAND_DATA"."REVISION_SUBSCRIBE_EVENTS" (
"EVENT_KEY" VARCHAR  NOT NULL COMMENT '`<object_key>:<event_type>`, with `:<position>` for others.',
"REVISION_KEY" VARCHAR  NOT NULL COMMENT 'The revision content that the row is part of.',
"OBJECT_KEY" VARCHAR  NOT NULL COMMENT 'The object entry that the row is part of.',
"OBJECT_NAME" VARCHAR   COMMENT 'Name of the object at the provider, from the object entry.',
"DESTINATION_NAME" VARCHAR   COMMENT 'Ampersand destination, from the object entry.',
"EVENT_TYPE" VARCHAR  NOT NULL COMMENT '`create`, `update`, `delete`, `association_change` or `other`.',
"EVENT_NAME" VARCHAR   COMMENT 'Name that the provider gives the event (other).',
"POSITION" NUMBER(19,0)   COMMENT 'Place in `otherEvents`, from 0 (other).',
"ENABLED" VARCHAR   COMMENT '`always`: on. NULL: the block only describes the event.',
"WATCH_FIELDS_AUTO" VARCHAR   COMMENT '`all` or `selected` fields are watched (update).',
"INCLUDE_FULL_RECORDS" BOOLEAN   COMMENT 'Whether whole records are delivered (association_change).');

CREATE TABLE "AMPERSAND_DATA"."REVISION_WATCH_FIELDS" (
"WATCH_FIELD_KEY" VARCHAR  NOT NULL COMMENT '`<event_key>:watch:<position>`.',
"REVISION_KEY" VARCHAR  NOT NULL COMMENT 'The revision content that the row is part of.',
"EVENT_KEY" VARCHAR  NOT NULL COMMENT 'The event that the row is part of.',
"OBJECT_KEY" VARCHAR  NOT NULL COMMENT 'The object entry that the row is part of.',
"POSITION" NUMBER(19,0)  NOT NULL COMMENT 'Place in the list, from 0.',
"WATCH_FIELD" VARCHAR   COMMENT 'Name of a field of the read object, or the name that it is mapped to.');

CREATE TABLE "AMPERSAND_DATA"."REVISION_SCHEMA_WATCH_EVENTS" (
"SCHEMA_WATCH_EVENT_KEY" VARCHAR  NOT NULL COMMENT '`<revision_key>:watch_schema:<scope>:<event_type>`.',
"REVISION_KEY" VARCHAR  NOT NULL COMMENT 'The revision content that the row is part of.',
"SCOPE" VARCHAR  NOT NULL COMMENT '`all_objects`.',
"EVENT_TYPE" VARCHAR  NOT NULL COMMENT '`field_created`, `field_deleted` or `field_changed`.',
"ENABLED" VARCHAR   COMMENT '`always`: on.',
"DESTINATION_NAME" VARCHAR   COMMENT 'Ampersand destination, from `watchSchema`.',
"SCHEDULE" VARCHAR   COMMENT 'Cron expression, from `watchSchema`.');

CREATE TABLE "AMPERSAND_DATA"."REVISION_UNMAPPED_PROPERTIES" (
"UNMAPPED_PROPERTY_KEY" VARCHAR  NOT NULL COMMENT '`<revision_key or listing_key>:unmapped:<digest of the path>`.',
"REVISION_KEY" VARCHAR   COMMENT 'The revision content that it is part of; NULL: outside one.',
"LISTING_KEY" VARCHAR   COMMENT 'The listing that it is part of; NULL: inside a revision.',
"JSON_PATH" VARCHAR  NOT NULL COMMENT 'Where it was: from the integration inside a revision, from the listing outside one, from the project where `parent_table` is `projects`.',
"PROPERTY_NAME" VARCHAR   COMMENT 'Last name in the path; NULL for an entry of a list.',
"VALUE" VARCHAR   COMMENT 'The value as JSON text in ASCII, as received.',
"REASON" VARCHAR  NOT NULL COMMENT '`unknown_property`, `wrong_type`, `not_an_object`, `not_text`, `unreadable`, `out_of_range`, `timestamp_precision`, `zero_time`, `duplicate_key`, `differs`, `no_id` or `duplicate_id`.',
"PARENT_TABLE" VARCHAR   COMMENT 'Table of the row that the value is part of.',
"PARENT_KEY" VARCHAR   COMMENT 'Key of that row; parts of a compound key joined by `:`.');

CREATE TABLE "AMPERSAND_DATA"."EXTRACTION_RUNS" (
"RUN_ID" VARCHAR  NOT NULL COMMENT 'Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.',
"SCOPE" VARCHAR  NOT NULL COMMENT '`all`, `rebuild`, `manifests` (read from files, and no part of what is deployed), or a JSON list of the projects that the run was limited to.',
"SELECTION" VARCHAR   COMMENT 'Tables that were written, separated by blanks.',
"STARTED_AT" TIMESTAMP_LTZ(6)  NOT NULL COMMENT 'When it began.',
"MODEL_VERSION" NUMBER(19,0)  NOT NULL COMMENT 'Version of the normalisation that made the rows.',
"VERSIONS" VARCHAR   COMMENT 'JSON object: versions of the software that ran.',
"REQUESTS" NUMBER(19,0)   COMMENT 'HTTP requests sent.',
"BYTES" NUMBER(19,0)   COMMENT 'Bytes of answers received, after decompression.',
"COUNTS" VARCHAR   COMMENT 'JSON object: rows per table.',
"_DLT_ID" VARCHAR  NOT NULL,
"_DLT_LOAD_ID" VARCHAR  NOT NULL);

CREATE TABLE "AMPERSAND_DATA"."CREDENTIAL_LISTINGS" (
"RUN_ID" VARCHAR  NOT NULL COMMENT 'Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.',
"CREDENTIAL" VARCHAR  NOT NULL COMMENT 'Fingerprint of the API key that was used, which says nothing about the key itself; `manifests` where files were read.',
"OUTCOME" VARCHAR  NOT NULL COMMENT '`listed` or `failed`.',
"ASKS_FOR_ALL" BOOLEAN  NOT NULL COMMENT 'Whether all that the key can see was asked for, so that a project that it listed before and does not list now is gone.',
"PROJECTS" NUMBER(19,0)   COMMENT 'Number of projects that it lists.',
"UNREADABLE" VARCHAR   COMMENT 'JSON list of entries that are no projects.',
"ERROR" VARCHAR   COMMENT 'What went wrong, when it failed.',
"_DLT_ID" VARCHAR  NOT NULL,
"_DLT_LOAD_ID" VARCHAR  NOT NULL);

CREATE TABLE "AMPERSAND_DATA"."PROJECT_LISTINGS" (
"RUN_ID" VARCHAR  NOT NULL COMMENT 'Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project; the name asked for when its id is not known.',
"CREDENTIAL" VARCHAR  NOT NULL COMMENT 'Fingerprint of the API key that was used, which says nothing about the key itself; `manifests` where files were read.',
"OUTCOME" VARCHAR  NOT NULL COMMENT '`listed`: read and loaded. `unchanged`: equal to a listing loaded before. `not_found`: the API knows no such project. `failed`: nothing is known.',
"PROJECT_KEY" VARCHAR   COMMENT 'The project''s record in this run, when one was had.',
"LISTING_KEY" VARCHAR   COMMENT 'The listing, when one was had.',
"INTEGRATIONS" NUMBER(19,0)   COMMENT 'Number of integrations in the listing.',
"REQUESTS" NUMBER(19,0)   COMMENT 'HTTP requests sent for the listing.',
"BYTES" NUMBER(19,0)   COMMENT 'Bytes of the listing, after decompression.',
"SECONDS" FLOAT   COMMENT 'Time that the requests took, in seconds.',
"ERROR" VARCHAR   COMMENT 'What went wrong, when it failed.',
"_DLT_ID" VARCHAR  NOT NULL,
"_DLT_LOAD_ID" VARCHAR  NOT NULL);

CREATE TABLE "AMPERSAND_DATA"."DESTINATIONS" (
"DESTINATION_KEY" VARCHAR  NOT NULL COMMENT 'Digest of project and the destination''s attributes.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"DESTINATION_ID" VARCHAR  NOT NULL COMMENT 'Id of the destination.',
"NAME" VARCHAR   COMMENT 'Name that manifests refer to (`destination_name`); unique in the project.',
"DESTINATION_TYPE" VARCHAR   COMMENT '`webhook`, `kinesis`, `s3` and so on.',
"URL_HOST" VARCHAR   COMMENT 'Host of the webhook.',
"HAS_HEADERS" BOOLEAN   COMMENT 'Whether requests to the webhook carry headers of their own.',
"REGION" VARCHAR   COMMENT 'AWS region.',
"STREAM_NAME" VARCHAR   COMMENT 'Kinesis stream.',
"PARTITION_KEY_TEMPLATE" VARCHAR   COMMENT 'How partition keys are made.',
"BUCKET" VARCHAR   COMMENT 'S3 bucket.',
"KEY_TEMPLATE" VARCHAR   COMMENT 'How keys of S3 objects are made.',
"STORAGE_CLASS" VARCHAR   COMMENT 'Storage class of S3 objects.',
"CONTAINER" VARCHAR   COMMENT 'Container of Azure Blob Storage.',
"DATABASE_NAME" VARCHAR   COMMENT 'Database (snowflake, redshift).',
"CLICKHOUSE_DATABASE" VARCHAR   COMMENT 'Database (clickhouse).',
"SCHEMA_NAME" VARCHAR   COMMENT 'Schema (snowflake, redshift).',
"TABLE_NAME" VARCHAR   COMMENT 'Table (clickhouse, snowflake, redshift).',
"GCP_PROJECT_ID" VARCHAR   COMMENT 'Google Cloud project (bigquery, pubsub).',
"BIGQUERY_DATASET" VARCHAR   COMMENT 'BigQuery dataset.',
"BIGQUERY_TABLE" VARCHAR   COMMENT 'BigQuery table.',
"REDSHIFT_WORKGROUP" VARCHAR   COMMENT 'Redshift Serverless workgroup.',
"REDSHIFT_CLUSTER" VARCHAR   COMMENT 'Redshift cluster.',
"PUBSUB_TOPIC" VARCHAR   COMMENT 'Pub/Sub topic.',
"EXCHANGE" VARCHAR   COMMENT 'RabbitMQ exchange.',
"QUEUE_NAME" VARCHAR   COMMENT 'Queue or topic of Azure Service Bus.',
"QUEUE_ADDRESS" VARCHAR   COMMENT 'Address of the SQS queue.',
"SERVER_ADDRESS" VARCHAR   COMMENT 'Address of the RabbitMQ server.',
"IS_TLS" BOOLEAN   COMMENT 'Whether RabbitMQ uses TLS.',
"BATCH_SIZE" NUMBER(19,0)   COMMENT 'Rows that are collected before they are written (warehouses).',
"MAX_WAIT_SECONDS" NUMBER(19,0)   COMMENT 'Seconds after which they are written all the same.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it was created.',
"UPDATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it last changed.');

CREATE TABLE "AMPERSAND_DATA"."INSTALLATIONS" (
"INSTALLATION_KEY" VARCHAR  NOT NULL COMMENT 'Digest of project and the installation''s attributes and config.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"INSTALLATION_ID" VARCHAR  NOT NULL COMMENT 'Id of it.',
"INTEGRATION_ID" VARCHAR   COMMENT 'Id of the integration installed.',
"CONFIG_KEY" VARCHAR   COMMENT 'Its config.',
"CONNECTION_ID" VARCHAR   COMMENT 'Id of the connection that it uses.',
"GROUP_REF" VARCHAR   COMMENT 'Customer: id that the builder gave the group. A hash of it where `personal_hash_key` is set.',
"GROUP_NAME" VARCHAR   COMMENT 'Name of the customer. A hash of it where `personal_hash_key` is set.',
"HEALTH_STATUS" VARCHAR   COMMENT '`healthy` or `unhealthy`.',
"LAST_OPERATION_STATUS" VARCHAR   COMMENT '`success`, `failure` or `in_progress`.',
"CREATED_BY" VARCHAR   COMMENT 'Who installed it, as `consumer:<ref>`. A hash of it where `personal_hash_key` is set.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it was created.',
"UPDATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it last changed.');

CREATE TABLE "AMPERSAND_DATA"."INSTALLATION_CONFIGS" (
"CONFIG_KEY" VARCHAR  NOT NULL COMMENT 'Digest of project, installation and config.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"INSTALLATION_ID" VARCHAR  NOT NULL COMMENT 'Id of the installation.',
"CONFIG_ID" VARCHAR   COMMENT 'Id that the API gave it.',
"REVISION_ID" VARCHAR   COMMENT 'Revision that was the latest when it was saved, and that the installation stays on (`revisions.revision_id`).',
"PROVIDER" VARCHAR   COMMENT 'Key of the provider.',
"PROXY_ENABLED" BOOLEAN   COMMENT 'Whether the proxy is on.',
"CREATED_BY" VARCHAR   COMMENT 'Who saved it, as `consumer:<ref>` or `builder:<id>`. A hash of it where `personal_hash_key` is set.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it was created.');

CREATE TABLE "AMPERSAND_DATA"."INSTALLATION_OBJECTS" (
"CONFIG_OBJECT_KEY" VARCHAR  NOT NULL COMMENT '`<config_key>:<action>:<object>`.',
"CONFIG_KEY" VARCHAR  NOT NULL COMMENT 'The config that it is part of.',
"ACTION" VARCHAR  NOT NULL COMMENT '`read`, `write` or `subscribe`.',
"OBJECT_NAME" VARCHAR   COMMENT 'Name of the object at the provider.',
"DESTINATION_NAME" VARCHAR   COMMENT 'Destination that the customer''s records go to (read, subscribe).',
"SCHEDULE" VARCHAR   COMMENT 'Cron expression.',
"IS_DISABLED" BOOLEAN   COMMENT 'Whether scheduled reads are paused.',
"SELECTED_FIELDS_AUTO" VARCHAR   COMMENT '`all`: every field is read.',
"BACKFILL_DAYS" NUMBER(19,0)   COMMENT 'Days that are read back; 0: none.',
"BACKFILL_FULL_HISTORY" BOOLEAN   COMMENT 'Whether everything is read back.',
"DELETION_ENABLED" BOOLEAN   COMMENT 'Whether records may be deleted.',
"INHERITS_FIELDS_AND_MAPPINGS" BOOLEAN   COMMENT 'Whether fields and mappings are those of the read object.',
"QUOTA_OPTIMIZATION_ENABLED" BOOLEAN   COMMENT 'Whether changes that do not matter are dropped at the provider.');

CREATE TABLE "AMPERSAND_DATA"."INSTALLATION_FIELDS" (
"CONFIG_FIELD_KEY" VARCHAR  NOT NULL COMMENT '`<config_object_key>:<purpose>:<name or position>`, of a field that is watched `<config_event_key>:watch:<position>`.',
"CONFIG_KEY" VARCHAR  NOT NULL COMMENT 'The config that it is part of.',
"CONFIG_OBJECT_KEY" VARCHAR  NOT NULL COMMENT 'The object entry that it is part of.',
"OBJECT_NAME" VARCHAR   COMMENT 'From the object entry.',
"PURPOSE" VARCHAR  NOT NULL COMMENT '`selected`, `mapping`, `value_mapping` (its values are mapped), `dynamic_mapping` (a mapping that is offered), `write_setting`, `write_default` (its older form) or `watch`.',
"POSITION" NUMBER(19,0)   COMMENT 'Place in its list (dynamic_mapping, watch).',
"NAME" VARCHAR   COMMENT 'What it is listed under: the field; for a mapping the name that it is mapped to.',
"FIELD_NAME" VARCHAR   COMMENT 'Field of the provider (mapping, dynamic_mapping, watch).',
"MAP_TO_NAME" VARCHAR   COMMENT 'Name under which it is delivered (mapping, dynamic_mapping).',
"MAP_TO_DISPLAY_NAME" VARCHAR   COMMENT 'Label.',
"PROMPT" VARCHAR   COMMENT 'Help text.',
"IS_SELECTED" BOOLEAN   COMMENT 'Whether it is read (selected).',
"WRITE_ON_CREATE" VARCHAR   COMMENT '`always` or `never`: whether the default is written to new records.',
"WRITE_ON_UPDATE" VARCHAR   COMMENT '`always`, `never` or `ifEmpty`: whether it is written to changed ones.',
"HAS_DEFAULT" BOOLEAN   COMMENT 'Whether there is a default; its value is not kept.');

CREATE TABLE "AMPERSAND_DATA"."INSTALLATION_VALUE_MAPPINGS" (
"VALUE_MAPPING_KEY" VARCHAR  NOT NULL COMMENT '`<config_field_key>:value:<name or position>`.',
"CONFIG_KEY" VARCHAR  NOT NULL COMMENT 'The config that it is part of.',
"CONFIG_OBJECT_KEY" VARCHAR  NOT NULL COMMENT 'The object entry that it is part of.',
"CONFIG_FIELD_KEY" VARCHAR  NOT NULL COMMENT 'The field entry that it is part of.',
"OBJECT_NAME" VARCHAR   COMMENT 'From the object entry.',
"FIELD_NAME" VARCHAR   COMMENT 'What the field is listed under; NULL: offered.',
"POSITION" NUMBER(19,0)   COMMENT 'Place in its list (offered).',
"DELIVERED_VALUE" VARCHAR   COMMENT 'Value that is delivered.',
"PROVIDER_VALUE" VARCHAR   COMMENT 'Value at the provider.',
"MAPPED_VALUE" VARCHAR   COMMENT 'Value that can be mapped.',
"MAPPED_DISPLAY_VALUE" VARCHAR   COMMENT 'What the customer sees of it.');

CREATE TABLE "AMPERSAND_DATA"."INSTALLATION_FILTERS" (
"CONFIG_FILTER_KEY" VARCHAR  NOT NULL COMMENT '`<config_object_key>:<scope>_filter:<position>`.',
"CONFIG_KEY" VARCHAR  NOT NULL COMMENT 'The config that it is part of.',
"CONFIG_OBJECT_KEY" VARCHAR  NOT NULL COMMENT 'The object entry that it is part of.',
"OBJECT_NAME" VARCHAR   COMMENT 'From the object entry.',
"SCOPE" VARCHAR  NOT NULL COMMENT '`read`, or `backfill` for that alone.',
"POSITION" NUMBER(19,0)  NOT NULL COMMENT 'Place in the list, from 0.',
"FIELD_NAME" VARCHAR   COMMENT 'Field that is compared.',
"OPERATOR" VARCHAR   COMMENT 'How it is compared, such as `eq`.');

CREATE TABLE "AMPERSAND_DATA"."INSTALLATION_EVENTS" (
"CONFIG_EVENT_KEY" VARCHAR  NOT NULL COMMENT '`<config_object_key>:<event_type>`, with `:<position>` for others.',
"CONFIG_KEY" VARCHAR  NOT NULL COMMENT 'The config that it is part of.',
"CONFIG_OBJECT_KEY" VARCHAR  NOT NULL COMMENT 'The object entry that it is part of.',
"OBJECT_NAME" VARCHAR   COMMENT 'From the object entry.',
"EVENT_TYPE" VARCHAR  NOT NULL COMMENT '`create`, `update`, `delete` or `other`.',
"POSITION" NUMBER(19,0)   COMMENT 'Place in `otherEvents`, from 0 (other).',
"EVENT_NAME" VARCHAR   COMMENT 'Name at the provider (other).',
"ENABLED" VARCHAR   COMMENT '`always` or `never`.',
"WATCH_FIELDS_AUTO" VARCHAR   COMMENT '`all` fields are watched.');

CREATE TABLE "AMPERSAND_DATA"."CONNECTIONS" (
"CONNECTION_KEY" VARCHAR  NOT NULL COMMENT 'Digest of project and the connection''s attributes.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"CONNECTION_ID" VARCHAR  NOT NULL COMMENT 'Id of the connection.',
"PROVIDER" VARCHAR   COMMENT 'Key of the provider.',
"PROVIDER_APP_ID" VARCHAR   COMMENT 'Id of the provider app.',
"AUTH_SCHEME" VARCHAR   COMMENT 'Such as `oauth2/authorizationCode`.',
"STATUS" VARCHAR   COMMENT '`created`, `working` or `bad_credentials`.',
"SCOPES" VARCHAR   COMMENT 'JSON list of the scopes granted.',
"GROUP_REF" VARCHAR   COMMENT 'Customer: id that the builder gave the group. A hash of it where `personal_hash_key` is set.',
"GROUP_NAME" VARCHAR   COMMENT 'Name of the customer. A hash of it where `personal_hash_key` is set.',
"CONSUMER_REF" VARCHAR   COMMENT 'Person: id that the builder gave. A hash of it where `personal_hash_key` is set.',
"CONSUMER_NAME" VARCHAR   COMMENT 'Name of the person. A hash of it where `personal_hash_key` is set.',
"PROVIDER_WORKSPACE_REF" VARCHAR   COMMENT 'Workspace at the provider, such as a subdomain. A hash of it where `personal_hash_key` is set.',
"PROVIDER_CONSUMER_REF" VARCHAR   COMMENT 'Person''s id at the provider. A hash of it where `personal_hash_key` is set.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it was created.');

CREATE TABLE "AMPERSAND_DATA"."PROVIDERS" (
"PROVIDER_KEY" VARCHAR  NOT NULL COMMENT 'Digest of the provider''s attributes.',
"PROVIDER" VARCHAR  NOT NULL COMMENT 'Key of the provider.',
"DISPLAY_NAME" VARCHAR   COMMENT 'Name for people.',
"AUTH_TYPE" VARCHAR   COMMENT 'How one signs in.',
"BASE_URL" VARCHAR   COMMENT 'Address of its API.',
"DEFAULT_MODULE" VARCHAR   COMMENT 'Module that counts where a manifest names none.',
"POST_AUTH_INFO_NEEDED" BOOLEAN   COMMENT 'Whether more has to be known after signing in.',
"SUPPORTS_READ" BOOLEAN   COMMENT 'Whether records can be read.',
"SUPPORTS_WRITE" BOOLEAN   COMMENT 'Whether records can be written.',
"SUPPORTS_SUBSCRIBE" BOOLEAN   COMMENT 'Whether there are events.',
"SUPPORTS_PROXY" BOOLEAN   COMMENT 'Whether there is a proxy.',
"SUPPORTS_DELETE" BOOLEAN   COMMENT 'Whether records can be deleted.',
"SUPPORTS_SEARCH" BOOLEAN   COMMENT 'Whether records can be searched for.',
"SUPPORTS_BULK_INSERT" BOOLEAN   COMMENT 'Whether many can be inserted at once.',
"SUPPORTS_BULK_UPDATE" BOOLEAN   COMMENT 'Whether many can be updated at once.',
"SUPPORTS_BULK_UPSERT" BOOLEAN   COMMENT 'Whether many can be upserted at once.',
"SUPPORTS_BULK_DELETE" BOOLEAN   COMMENT 'Whether many can be deleted at once.',
"SUPPORTS_CREATE_EVENTS" BOOLEAN   COMMENT 'Whether new records send events.',
"SUPPORTS_UPDATE_EVENTS" BOOLEAN   COMMENT 'Whether changed records send events.',
"SUPPORTS_DELETE_EVENTS" BOOLEAN   COMMENT 'Whether deleted records send events.',
"SUPPORTS_OTHER_EVENTS" BOOLEAN   COMMENT 'Whether others are passed on.');

CREATE TABLE "AMPERSAND_DATA"."PROVIDER_MODULES" (
"PROVIDER_MODULE_KEY" VARCHAR  NOT NULL COMMENT '`<provider_key>:module:<module>`.',
"PROVIDER_KEY" VARCHAR  NOT NULL COMMENT 'The provider that it is part of.',
"MODULE" VARCHAR   COMMENT 'Key of the module.',
"DISPLAY_NAME" VARCHAR   COMMENT 'Name for people.',
"BASE_URL" VARCHAR   COMMENT 'Address of its API.',
"SUPPORTS_READ" BOOLEAN   COMMENT 'Whether records can be read.',
"SUPPORTS_WRITE" BOOLEAN   COMMENT 'Whether records can be written.',
"SUPPORTS_SUBSCRIBE" BOOLEAN   COMMENT 'Whether there are events.',
"SUPPORTS_PROXY" BOOLEAN   COMMENT 'Whether there is a proxy.',
"SUPPORTS_DELETE" BOOLEAN   COMMENT 'Whether records can be deleted.',
"SUPPORTS_SEARCH" BOOLEAN   COMMENT 'Whether records can be searched for.',
"SUPPORTS_BULK_INSERT" BOOLEAN   COMMENT 'Whether many can be inserted at once.',
"SUPPORTS_BULK_UPDATE" BOOLEAN   COMMENT 'Whether many can be updated at once.',
"SUPPORTS_BULK_UPSERT" BOOLEAN   COMMENT 'Whether many can be upserted at once.',
"SUPPORTS_BULK_DELETE" BOOLEAN   COMMENT 'Whether many can be deleted at once.',
"SUPPORTS_CREATE_EVENTS" BOOLEAN   COMMENT 'Whether new records send events.',
"SUPPORTS_UPDATE_EVENTS" BOOLEAN   COMMENT 'Whether changed records send events.',
"SUPPORTS_DELETE_EVENTS" BOOLEAN   COMMENT 'Whether deleted records send events.',
"SUPPORTS_OTHER_EVENTS" BOOLEAN   COMMENT 'Whether others are passed on.');

CREATE TABLE "AMPERSAND_DATA"."PROVIDER_APPS" (
"PROVIDER_APP_KEY" VARCHAR  NOT NULL COMMENT 'Digest of project and the app''s attributes.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"PROVIDER_APP_ID" VARCHAR  NOT NULL COMMENT 'Id of the app.',
"PROVIDER" VARCHAR   COMMENT 'Key of the provider.',
"EXTERNAL_REF" VARCHAR   COMMENT 'Id that the provider gave the app.',
"CLIENT_ID" VARCHAR   COMMENT 'OAuth client id, which is public.',
"SCOPES" VARCHAR   COMMENT 'JSON list of the scopes that it asks for.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it was created.',
"UPDATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it last changed.');

CREATE TABLE "AMPERSAND_DATA"."TOPICS" (
"TOPIC_KEY" VARCHAR  NOT NULL COMMENT 'Digest of project and the topic''s attributes.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"TOPIC_ID" VARCHAR  NOT NULL COMMENT 'Id of the topic.',
"NAME" VARCHAR   COMMENT 'Name of the topic.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it was created.',
"UPDATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it last changed.');

CREATE TABLE "AMPERSAND_DATA"."TOPIC_EVENT_ROUTES" (
"TOPIC_EVENT_ROUTE_KEY" VARCHAR  NOT NULL COMMENT 'Digest of project and the route''s attributes.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"ROUTE_ID" VARCHAR  NOT NULL COMMENT 'Id of the route.',
"EVENT_TYPE" VARCHAR   COMMENT 'Such as `connection.error`.',
"TOPIC_ID" VARCHAR   COMMENT 'Id of the topic.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it was created.',
"UPDATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it last changed.');

CREATE TABLE "AMPERSAND_DATA"."TOPIC_DESTINATION_ROUTES" (
"TOPIC_DESTINATION_ROUTE_KEY" VARCHAR  NOT NULL COMMENT 'Digest of project and the route''s attributes.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"ROUTE_ID" VARCHAR  NOT NULL COMMENT 'Id of the route.',
"TOPIC_ID" VARCHAR   COMMENT 'Id of the topic.',
"DESTINATION_ID" VARCHAR   COMMENT 'Id of it.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it was created.');

CREATE TABLE "AMPERSAND_DATA"."OPERATIONS" (
"OPERATION_KEY" VARCHAR  NOT NULL COMMENT 'Digest of project and the operation''s state.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project.',
"OPERATION_ID" VARCHAR  NOT NULL COMMENT 'Id of the operation.',
"RUN_ID" VARCHAR  NOT NULL COMMENT 'The run that saw it in this state.',
"INTEGRATION_ID" VARCHAR   COMMENT 'Id of the integration.',
"INSTALLATION_ID" VARCHAR   COMMENT 'Id of the installation.',
"CONFIG_ID" VARCHAR   COMMENT 'Id of the config that it ran with.',
"ACTION_TYPE" VARCHAR   COMMENT '`read`, `write` or `subscribe`.',
"STATUS" VARCHAR   COMMENT '`success`, `failure` or `in_progress`.',
"RESULT" VARCHAR   COMMENT 'What came of it, in words.',
"OBJECT_NAMES" VARCHAR   COMMENT 'JSON list of the objects.',
"RETRY_ATTEMPTS" NUMBER(19,0)   COMMENT 'Attempts so far.',
"RECORDS_PROCESSED" NUMBER(19,0)   COMMENT 'Records read so far.',
"RECORDS_ESTIMATED_TOTAL" NUMBER(19,0)   COMMENT 'Records that there are, where the provider tells.',
"CREATE_TIME" TIMESTAMP_LTZ(6)   COMMENT 'When it was created.');

CREATE TABLE "AMPERSAND_DATA"."COLLECTION_ENTRIES" (
"LISTING_KEY" VARCHAR  NOT NULL COMMENT 'Digest of what the listing holds.',
"ENTRY_ID" VARCHAR  NOT NULL COMMENT 'Id of the entry.',
"COLLECTION" VARCHAR  NOT NULL COMMENT 'Table that has the entry.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project; empty for what is the same for all.',
"ENTRY_KEY" VARCHAR  NOT NULL COMMENT 'Key of the entry in that table.');

CREATE TABLE "AMPERSAND_DATA"."COLLECTION_LISTINGS" (
"RUN_ID" VARCHAR  NOT NULL COMMENT 'Id of the run, `<microseconds since 1970>-<random>`; later runs sort later as text.',
"COLLECTION" VARCHAR  NOT NULL COMMENT 'Table that has the entries.',
"PROJECT_ID" VARCHAR  NOT NULL COMMENT 'Id of the Ampersand project; empty for what is the same for all.',
"CREDENTIAL" VARCHAR  NOT NULL COMMENT 'Fingerprint of the API key that was used, which says nothing about the key itself; `manifests` where files were read.',
"OUTCOME" VARCHAR  NOT NULL COMMENT '`listed`: read and loaded. `unchanged`: equal to a listing loaded before. `failed`: nothing is known.',
"LISTING_KEY" VARCHAR   COMMENT 'The listing, when one was had; NULL for operations, of which only the new are read.',
"ENTRIES" NUMBER(19,0)   COMMENT 'Number of entries; of operations, of those that were read.',
"REQUESTS" NUMBER(19,0)   COMMENT 'HTTP requests sent for it.',
"BYTES" NUMBER(19,0)   COMMENT 'Bytes of the answers, after decompression.',
"SECONDS" FLOAT   COMMENT 'Time that the requests took, in seconds.',
"ERROR" VARCHAR   COMMENT 'What went wrong, when it failed.',
"_DLT_ID" VARCHAR  NOT NULL,
"_DLT_LOAD_ID" VARCHAR  NOT NULL);

