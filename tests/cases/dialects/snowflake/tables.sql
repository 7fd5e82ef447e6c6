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
"SCOPE" VARCHAR  NOT NULL COMMENT '`all`, `rebuild`, or a JSON list of the projects that the run was limited to.',
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
"CREDENTIAL" VARCHAR  NOT NULL COMMENT 'Fingerprint of the API key that was used; says nothing about the key itself.',
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
"CREDENTIAL" VARCHAR  NOT NULL COMMENT 'Fingerprint of the API key that was used; says nothing about the key itself.',
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

