import{a}from"./chunk-VK72VBCM.js";export{a as wordlist};
