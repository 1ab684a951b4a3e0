// SPDX-License-Identifier: MIT
//
// What gangway's coverage report can do beside being read: without this all pages are complete.
// Whatever a page says is text here too: nothing is ever read as HTML.
"use strict";
(function () {
	const root = document.documentElement;
	const keys = []; // {key, text, run}

	function make(tag, props, ...children) {
		const e = Object.assign(document.createElement(tag), props);
		e.append(...children);
		return e;
	}

	function onKey(key, text, run) {
		keys.push({ key, text, run });
	}

	// --- light and dark ---------------------------------------------------------------------

	// Some browsers keep nothing for pages from a disk.
	function remembered() {
		try {
			return localStorage.getItem("gangway-theme");
		} catch (e) {
			return null;
		}
	}

	function isDark() {
		return root.dataset.theme ? root.dataset.theme === "dark" :
			matchMedia("(prefers-color-scheme: dark)").matches;
	}

	function turnTheme() {
		root.dataset.theme = isDark() ? "light" : "dark";
		try {
			localStorage.setItem("gangway-theme", root.dataset.theme);
		} catch (e) {
			// for this page only, then
		}
		document.dispatchEvent(new Event("theme"));
	}

	const theme = remembered();
	if (theme === "light" || theme === "dark")
		root.dataset.theme = theme;

	// --- sorting ----------------------------------------------------------------------------

	// A cell's number, or its text in lower case.
	function keyOf(row, column) {
		const text = row.cells[column].textContent;
		if (column === 0)
			return text.toLowerCase();
		return text === "" ? -1 : parseFloat(text);
	}

	function compare(a, b) {
		return a < b ? -1 : a > b ? 1 : 0;
	}

	// The column of the cells below this head.
	function columnOf(head) {
		const first = head.closest("thead").rows[0] === head.parentNode;
		return first || head.closest("thead").rows.length === 1 ? head.cellIndex : head.cellIndex + 1;
	}

	function sortable(table, sort) {
		const heads = [...table.querySelectorAll(".sort")];
		for (const head of heads) {
			head.tabIndex = 0;
			const go = () => {
				const was = head.getAttribute("aria-sort");
				// numbers begin with the largest, names with A
				const first = columnOf(head) === 0 ? "ascending" : "descending";
				const now = !was ? first : was === "ascending" ? "descending" : "ascending";
				heads.forEach((h) => h.removeAttribute("aria-sort"));
				head.setAttribute("aria-sort", now);
				sort(columnOf(head), now === "ascending" ? 1 : -1);
			};
			head.addEventListener("click", go);
			head.addEventListener("keydown", (e) => {
				if (e.key === "Enter" || e.key === " ") {
					e.preventDefault();
					go();
				}
			});
		}
	}

	function sortRows(table) {
		const body = table.tBodies[0];
		sortable(table, (column, way) => {
			const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }));
			rows.sort((a, b) => way * compare(a.key, b.key));
			body.append(...rows.map((r) => r.row));
		});
	}

	// --- the first page ---------------------------------------------------------------------

	// The rows as a tree: {row, name, path, parent, children, isDir, isOpen}
	function readTree(body) {
		const top = { children: [], isOpen: true, isDir: true, path: "" };
		const parents = [top];
		const all = [];
		for (const row of body.rows) {
			const depth = parseInt(/\bd(\d+)/.exec(row.className)[1], 10);
			parents.length = Math.min(parents.length, depth + 1);
			const parent = parents[parents.length - 1];
			const name = row.cells[0].textContent;
			const node = {
				row, name, parent, children: [], path: parent.path + name,
				isDir: row.classList.contains("dir"), isOpen: true,
			};
			parent.children.push(node);
			all.push(node);
			if (node.isDir)
				parents.push(node);
		}
		return { top, all };
	}

	function setUpIndex(tools) {
		const table = document.querySelector(".files");
		if (!table)
			return;
		const body = table.tBodies[0];
		const { top, all } = readTree(body);
		const files = all.filter((n) => !n.isDir);
		const search = make("input", {
			type: "search", placeholder: "Find files  (/)", spellcheck: false,
			autocomplete: "off", title: "words that the path has",
		});
		const count = make("small", { className: "count" });
		let isFlat = false;
		let order = { column: -1, way: 1 };

		function isShown(node, words) {
			if (words.length > 0 || isFlat)
				return node.isHit && !(isFlat && node.isDir);
			for (let p = node.parent; p; p = p.parent) {
				if (!p.isOpen)
					return false;
			}
			return true;
		}

		function show() {
			const words = search.value.toLowerCase().split(/\s+/).filter((w) => w);
			let hits = 0;
			all.forEach((n) => {
				n.isHit = false;
			});
			for (const n of files) {
				const path = n.path.toLowerCase();
				if (!words.every((w) => path.includes(w)))
					continue;
				hits++;
				for (let p = n; p; p = p.parent)
					p.isHit = true;
			}
			for (const n of all) {
				n.row.hidden = !isShown(n, words);
				if (n.button)
					n.button.setAttribute("aria-expanded", n.isOpen || words.length > 0);
			}
			count.textContent = words.length > 0 ? hits + " of " + files.length + " files" :
				files.length + (files.length === 1 ? " file" : " files");
		}

		function sorted(nodes) {
			if (order.column < 0)
				return nodes;
			return nodes.map((node) => ({
				node,
				key: order.column === 0 ? node.path.toLowerCase() : keyOf(node.row, order.column),
			})).sort((a, b) => order.way * compare(a.key, b.key)).map((k) => k.node);
		}

		function place() {
			const rows = [];
			const add = (nodes) => {
				for (const n of sorted(nodes)) {
					rows.push(n.row);
					add(n.children);
				}
			};
			add(top.children);
			if (isFlat)
				rows.push(...sorted(files).map((n) => n.row));
			body.append(...rows);
		}

		function setFlat(flat) {
			isFlat = flat;
			document.body.classList.toggle("flat", isFlat);
			for (const n of files)
				n.row.cells[0].firstChild.textContent = isFlat ? n.path : n.name;
			flatButton.textContent = isFlat ? "Folders" : "All files";
			place();
			show();
		}

		function setOpen(isOpen) {
			for (const n of all)
				n.isOpen = isOpen;
			show();
		}

		for (const n of all.filter((m) => m.isDir)) {
			n.button = make("button", { type: "button", textContent: n.name });
			n.button.addEventListener("click", () => {
				n.isOpen = !n.isOpen;
				show();
			});
			n.row.cells[0].replaceChildren(n.button);
		}
		const flatButton = make("button", { type: "button", onclick: () => setFlat(!isFlat) });
		search.addEventListener("input", show);
		search.addEventListener("keydown", (e) => {
			const first = files.filter((n) => !n.row.hidden);
			if (e.key === "Enter" && first.length > 0)
				[...body.rows].find((r) => !r.hidden && r.querySelector("a")).querySelector("a").click();
			else if (e.key === "Escape") {
				search.value = "";
				search.blur();
				show();
			}
		});
		sortable(table, (column, way) => {
			order = { column, way };
			place();
		});
		if (files.length > 300)
			all.forEach((n) => {
				n.isOpen = n.parent === top;
			});
		tools.append(count, search, flatButton);
		setFlat(false);
		onKey("/", "find files", () => search.focus());
		onKey("a", "all files, or folders", () => setFlat(!isFlat));
		onKey("o", "open all folders", () => setOpen(true));
		onKey("c", "close all folders", () => setOpen(false));
		if (location.hash === "#find")
			search.focus();
	}

	// --- a source ---------------------------------------------------------------------------

	// The first line of each stretch of this class; lines without code do not end one.
	function stretches(lines, name) {
		const starts = [];
		let was = "";
		for (const li of lines) {
			const is = li.classList[0];
			if (!is)
				continue;
			if (is === name && was !== name)
				starts.push(li);
			was = is;
		}
		return starts;
	}

	const numberOf = (li) => parseInt(li.id.slice(1), 10);

	// From the line that is marked, else from the beginning.
	function go(starts, way) {
		const at = /^#L\d+$/.test(location.hash) ? parseInt(location.hash.slice(2), 10) : 0;
		if (starts.length === 0)
			return;
		const to = way > 0 ? starts.find((li) => numberOf(li) > at) || starts[0] :
			starts.filter((li) => numberOf(li) < at).pop() || starts[starts.length - 1];
		location.replace("#" + to.id);
		to.scrollIntoView({ block: "center" });
	}

	function showWays(mark) {
		const li = mark.parentNode;
		const old = li.querySelector(".ways");
		if (old) {
			old.remove();
			return;
		}
		const ways = mark.title.split(", ").map((n, i) =>
			"branch " + i + ": " + (n === "never" ? "never taken" : "taken " + n + (n === "1" ? " time" : " times")));
		li.append(make("em", { className: "ways", textContent: ways.join("\n") }));
	}

	// Where in the file the misses are, beside the scroll bar.
	function setUpMap(lines) {
		const last = lines.length > 0 ? numberOf(lines[lines.length - 1]) : 0;
		const map = make("canvas", { className: "map", width: 10, title: "misses in this file" });
		if (last < 40)
			return;

		function draw() {
			const style = getComputedStyle(root);
			const colors = {
				m: style.getPropertyValue("--miss-edge"), p: style.getPropertyValue("--part-edge"),
			};
			map.height = window.innerHeight;
			const ink = map.getContext("2d");
			const high = Math.max(2, map.height / last);
			for (const name of ["p", "m"]) {
				ink.fillStyle = colors[name];
				for (const li of lines) {
					if (li.classList[0] === name)
						ink.fillRect(2, (numberOf(li) - 1) / last * map.height, 8, high);
				}
			}
		}

		map.addEventListener("click", (e) => {
			const n = Math.ceil(e.clientY / map.height * last);
			const to = lines.find((li) => numberOf(li) >= n);
			if (to)
				to.scrollIntoView({ block: "center" });
		});
		window.addEventListener("resize", draw);
		document.addEventListener("theme", draw);
		document.body.append(map);
		draw();
	}

	function setUpSource(tools) {
		const lines = [...document.querySelectorAll("ol > li")];
		const misses = stretches(lines, "m");
		const parts = stretches(lines, "p");
		const functions = document.getElementById("functions");
		const link = (rel) => document.querySelector("a[rel=" + rel + "]");
		const button = (text, title, run) =>
			tools.append(make("button", { type: "button", textContent: text, title, onclick: run }));

		if (misses.length > 0) {
			button("\u2191", "previous uncovered lines (p)", () => go(misses, -1));
			button("\u2193 " + misses.length + " uncovered", "next uncovered lines (n)", () => go(misses, 1));
		}
		if (parts.length > 0)
			button("\u2193 " + parts.length + " partial", "next partial line (b)", () => go(parts, 1));
		onKey("n", "next uncovered lines", () => go(misses, 1));
		onKey("p", "previous uncovered lines", () => go(misses, -1));
		onKey("b", "next line with a branch not taken", () => go(parts, 1));
		onKey("B", "previous line with a branch not taken", () => go(parts, -1));
		onKey("f", "show the functions", () => {
			if (!functions)
				return;
			functions.open = !functions.open;
			functions.scrollIntoView({ block: "start" });
		});
		onKey("[", "previous file", () => link("prev") && link("prev").click());
		onKey("]", "next file", () => link("next") && link("next").click());
		onKey("u", "all files", () => document.querySelector("nav a").click());
		onKey("/", "find files", () => location.assign("index.html#find"));
		document.addEventListener("click", (e) => {
			if (e.target.matches("li > i"))
				showWays(e.target);
		});
		if (functions)
			sortRows(functions.querySelector("table"));
		setUpMap(lines);
	}

	// --- keys -------------------------------------------------------------------------------

	function showHelp() {
		const open = document.querySelector("dialog");
		if (open) {
			open.remove();
			return;
		}
		const rows = keys.map((k) =>
			make("tr", {}, make("td", {}, make("kbd", { textContent: k.key })), make("td", { textContent: k.text })));
		const dialog = make("dialog", {}, make("table", {}, make("tbody", {}, ...rows)),
			make("p", {}, make("button", { type: "button", textContent: "Close", onclick: showHelp })));
		dialog.addEventListener("close", () => dialog.remove());
		document.body.append(dialog);
		dialog.showModal();
	}

	document.addEventListener("keydown", (e) => {
		if (e.ctrlKey || e.altKey || e.metaKey || e.target.matches("input"))
			return;
		const found = keys.find((k) => k.key === e.key);
		if (found) {
			e.preventDefault();
			found.run();
		}
	});

	document.addEventListener("DOMContentLoaded", () => {
		const tools = make("div", { className: "tools" });
		document.querySelector("header").append(tools);
		if (document.body.id === "index")
			setUpIndex(tools);
		else
			setUpSource(tools);
		onKey("t", "light or dark", turnTheme);
		onKey("?", "these keys", showHelp);
		tools.append(
			make("button", { type: "button", textContent: "\u25D0", title: "light or dark (t)", onclick: turnTheme }),
			make("button", { type: "button", textContent: "?", title: "keys (?)", onclick: showHelp }));
	});
})();
