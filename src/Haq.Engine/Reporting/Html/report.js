
(function () {
  'use strict';
  document.documentElement.classList.add('scripted');

  // One layer is current on the whole page: its bar, its point and its row.
  var marks = {}, current = null;
  document.querySelectorAll('[data-layer]').forEach(function (mark) {
    var title = mark.querySelector('title');
    mark.detail = title.textContent;
    title.remove(); // the line below the picture says it at once, a tooltip would say it again
    (marks[mark.dataset.layer] = marks[mark.dataset.layer] || []).push(mark);
    mark.addEventListener('pointerenter', function () { show(mark.dataset.layer, mark); });
    mark.addEventListener('click', function () { row(mark.dataset.layer).scrollIntoView({ block: 'center' }); });
  });
  function row(layer) { return document.getElementById('layer-' + layer); }
  function show(layer, mark) {
    if (current !== null) {
      marks[current].forEach(function (m) { m.classList.remove('on'); });
      row(current).classList.remove('on');
    }
    current = layer;
    marks[layer].forEach(function (m) { m.classList.add('on'); });
    row(layer).classList.add('on');
    var line = mark.closest('figure').querySelector('[data-detail]');
    line.textContent = mark.detail;
    line.classList.add('on');
  }
  document.querySelectorAll('figure').forEach(function (figure) {
    var own = figure.querySelectorAll('[data-layer]');
    if (!own.length) return;
    var target = figure.querySelector('.scroll') || figure.querySelector('.plot');
    target.tabIndex = 0;
    target.addEventListener('keydown', function (event) {
      var step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
      if (!step) return;
      event.preventDefault();
      var at = Array.prototype.findIndex.call(own, function (m) { return m.dataset.layer === current; });
      var next = own[Math.max(0, Math.min(own.length - 1, at < 0 ? 0 : at + step))];
      show(next.dataset.layer, next);
      var slot = next.getBoundingClientRect(), frame = target.getBoundingClientRect();
      if (slot.left < frame.left || slot.right > frame.right) target.scrollLeft += slot.left - frame.left - frame.width / 2;
    });
  });

  // Columns sort by the value that a cell carries, else by its text.
  document.querySelectorAll('table[data-sortable]').forEach(function (table) {
    var body = table.tBodies[0], heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement('button');
      button.type = 'button';
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener('click', function () {
        var falling = head.getAttribute('aria-sort') === 'ascending';
        heads.forEach(function (h) { h.removeAttribute('aria-sort'); });
        head.setAttribute('aria-sort', falling ? 'descending' : 'ascending');
        var rows = Array.prototype.map.call(body.rows, function (r, i) {
          var cell = r.cells[column];
          return { row: r, key: cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v), at: i };
        });
        rows.sort(function (a, b) {
          var order = typeof a.key === 'number' ? (a.key === b.key ? 0 : a.key < b.key ? -1 : 1) : a.key.localeCompare(b.key, 'en', { numeric: true });
          return (falling ? -order : order) || a.at - b.at;
        });
        rows.forEach(function (r) { body.appendChild(r.row); });
      });
    });
  });
})();
