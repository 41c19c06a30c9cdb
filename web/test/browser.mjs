// browser.mjs: Chromium before two real cells. Begins with the shell; each room adds its own walk.
console.log('browser: see test/walk');
