/* A square out of a picture, chosen by pointer, keys and a slider. What leaves the browser is that square alone. */
import {button, dialog, h} from "/assets/@dom.js";
import {t} from "/assets/@words.js";

const SIDE = 320; /* pixels of the square that is sent */

/** Resolves with a JPEG, or undefined when the person thinks better of it. Throws where the file is no picture. */
export async function crop(file) {
    const image = await createImageBitmap(file);
    try {
        return await dialog(t("crop"), (close) => view(image, close));
    } finally {
        image.close();
    }
}

function view(image, close) {
    const canvas = h("canvas", {width: SIDE, height: SIDE, class: "crop", tabindex: "0", role: "img",
        "aria-label": t("crop_area")});
    const fit = SIDE / Math.min(image.width, image.height);
    const at = {x: 0, y: 0, zoom: 1}; /* the middle of the picture, from the middle of the square, in its pixels */
    const draw = () => {
        const scale = fit * at.zoom;
        const room = (length) => Math.max(0, (length * scale - SIDE) / 2);
        at.x = Math.min(room(image.width), Math.max(-room(image.width), at.x));
        at.y = Math.min(room(image.height), Math.max(-room(image.height), at.y));
        const pen = canvas.getContext("2d");
        pen.fillStyle = "#fff";
        pen.fillRect(0, 0, SIDE, SIDE);
        pen.imageSmoothingQuality = "high";
        pen.drawImage(image, (SIDE - image.width * scale) / 2 + at.x, (SIDE - image.height * scale) / 2 + at.y,
            image.width * scale, image.height * scale);
    };
    const move = (x, y) => {
        at.x += x;
        at.y += y;
        draw();
    };
    let held = null;
    canvas.addEventListener("pointerdown", (event) => {
        held = [event.clientX, event.clientY];
        canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
        if (held) {
            const ratio = SIDE / canvas.clientWidth;
            move((event.clientX - held[0]) * ratio, (event.clientY - held[1]) * ratio);
            held = [event.clientX, event.clientY];
        }
    });
    canvas.addEventListener("pointerup", () => {
        held = null;
    });
    const STEPS = {ArrowLeft: [-8, 0], ArrowRight: [8, 0], ArrowUp: [0, -8], ArrowDown: [0, 8]};
    canvas.addEventListener("keydown", (event) => {
        if (STEPS[event.key]) {
            event.preventDefault();
            move(...STEPS[event.key]);
        }
    });
    const zoom = h("input", {type: "range", id: "f-zoom", min: "1", max: "4", step: "0.05", value: "1", oninput: () => {
        const before = at.zoom;
        at.zoom = Number(zoom.value);
        at.x *= at.zoom / before;
        at.y *= at.zoom / before;
        draw();
    }});
    draw();
    return [canvas, h("div", {class: "field"}, h("label", {for: "f-zoom"}, t("crop_zoom")), zoom),
        h("div", {class: "actions"},
            button(t("cancel"), {onclick: () => close()}),
            button(t("save"), {class: "primary", onclick: () => canvas.toBlob(close, "image/jpeg", 0.88)}))];
}
