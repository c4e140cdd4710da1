"use strict";(()=>{var s=["/assets/chunk-LBMHYRNR.js","/assets/phone-2GJPX2OX.js"];console.log(s,"04afe6520b541cfb");})();
