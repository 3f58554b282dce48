// Injected into the page: notes when a key went down and when changed pixels or text had been painted.
(() => {
  const probe = (window.__probe = { keys: [], paints: [] });
  addEventListener('keydown', event => probe.keys.push(event.timeStamp), true);

  // A change is on the screen once the frame after it has been drawn: the message arrives right behind that frame.
  const painted = state => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const last = probe.paints.at(-1);
      if (!last || last.state !== state()) probe.paints.push({ time: performance.now(), state: state() });
    };
    channel.port2.postMessage(0);
  });
  const picture = image => image.decode().then(() => painted(() => `${image.src.length}:${image.src.slice(-80)}`), () => {});

  new MutationObserver(records => {
    for (const { type, target, addedNodes } of records) {
      if (type === 'attributes') {
        if (target.tagName === 'IMG' && target.closest('.jp-OutputArea')) picture(target);
        continue;
      }
      for (const node of addedNodes) {
        const image = node.tagName === 'IMG' ? node : node.querySelector?.('img');
        if (image?.closest('.jp-OutputArea')) picture(image);
        else if (target.closest?.('.echo')) painted(() => target.closest('.echo')?.textContent ?? '');
      }
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['src'] });

  // Resolves when something new has been painted and then nothing for `quiet` ms, or after `most` ms.
  probe.settled = (seen, quiet, most) => new Promise(resolve => {
    const start = performance.now();
    const look = () => {
      const now = performance.now(), count = probe.paints.length;
      const rested = count > seen && now - probe.paints[count - 1].time > quiet;
      if (rested || now - start > most) resolve(count - seen);
      else setTimeout(look, 10);
    };
    look();
  });
})();
