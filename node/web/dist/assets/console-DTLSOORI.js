import{a as o,b as e}from"./chunk-LBMHYRNR.js";var m=document.getElementById("app");m&&o(e("p",{children:"Symbolon"}),m);
