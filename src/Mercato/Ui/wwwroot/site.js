// What every page may need: the choice of theme, copy buttons, questions before something is deleted; the chat.
import "./theme.js";
import "./copy.js";
import "./confirm.js";
import "./sort.js";
import "./chat.js";
