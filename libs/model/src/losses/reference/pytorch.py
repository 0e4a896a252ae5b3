"""Prints the losses of PyTorch and their gradients, as JSON: python pytorch.py > pytorch.json

Needs torch. `losses` is per sample, `delta` the gradient of their sum with respect to the outputs.
"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(1)
LOGITS = 3 * torch.randn(6, 4)
LABELS = torch.tensor([0, 3, 1, 2, 3, 0])
BINARY = torch.tensor([[-90.0], [-2.5], [0.0], [0.3], [4.0], [90.0]])
BITS = torch.tensor([1, 0, 1, 1, 0, 0])
VALUES = torch.randn(5, 3)
TARGETS = torch.randn(5, 3)
TARGETS[0] = VALUES[0]
WEIGHTS = [0.5, 2.0, 1.0, 3.0]


def softmax(outputs, labels, smoothing=0.0, weights=None):
    weight = None if weights is None else torch.tensor(weights)
    return F.cross_entropy(outputs, labels, weight=weight, label_smoothing=smoothing, reduction='none')


def sigmoid(outputs, labels, smoothing=0.0, weights=None):
    # Two classes with the logits (0, x).
    return softmax(torch.cat([torch.zeros_like(outputs), outputs], 1), labels, smoothing, weights)


def per_sample(loss, **settings):
    return lambda outputs, targets: loss(outputs, targets, reduction='none', **settings).mean(1)


CASES = [
    ('cross-entropy', {}, LOGITS, LABELS, softmax),
    ('cross-entropy', {'labelSmoothing': 0.1}, LOGITS, LABELS, lambda o, t: softmax(o, t, 0.1)),
    ('cross-entropy', {'classWeights': WEIGHTS}, LOGITS, LABELS, lambda o, t: softmax(o, t, 0.0, WEIGHTS)),
    ('cross-entropy', {'labelSmoothing': 0.2, 'classWeights': WEIGHTS}, LOGITS, LABELS,
     lambda o, t: softmax(o, t, 0.2, WEIGHTS)),
    ('sigmoid-cross-entropy', {}, BINARY, BITS,
     lambda o, t: F.binary_cross_entropy_with_logits(o[:, 0], t.float(), reduction='none')),
    ('sigmoid-cross-entropy', {'labelSmoothing': 0.1, 'classWeights': [1.0, 3.0]}, BINARY, BITS,
     lambda o, t: sigmoid(o, t, 0.1, [1.0, 3.0])),
    ('mean-squared', {}, VALUES, TARGETS, per_sample(F.mse_loss)),
    ('mean-absolute', {}, VALUES, TARGETS, per_sample(F.l1_loss)),
    ('huber', {}, VALUES, TARGETS, per_sample(F.huber_loss)),
    ('huber', {'huberDelta': 0.4}, VALUES, TARGETS, per_sample(F.huber_loss, delta=0.4)),
]

cases = []
for loss, settings, outputs, targets, compute in CASES:
    outputs = outputs.clone().requires_grad_()
    losses = compute(outputs, targets)
    losses.sum().backward()
    cases.append({
        'loss': loss, 'settings': settings,
        'outputs': outputs.tolist(), 'targets': targets.tolist(),
        'losses': losses.tolist(), 'delta': outputs.grad.tolist(),
    })
print(json.dumps(cases))
