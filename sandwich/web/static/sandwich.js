// Nothing on any page depends on this file.
"use strict";
