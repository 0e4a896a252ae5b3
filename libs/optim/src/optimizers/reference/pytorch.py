"""Prints what PyTorch's optimizers do in twelve steps, as JSON: python pytorch.py > pytorch.json

Needs torch. One parameter of two dimensions and one of one, which does not decay, as in Lockstep.
"""
import json
import torch

CASES = [
    ('sgd', {'momentum': 0}, torch.optim.SGD, {}),
    ('sgd', {'momentum': 0.9, 'weightDecay': 0.1}, torch.optim.SGD, {'momentum': 0.9, 'weight_decay': 0.1}),
    ('nesterov', {'momentum': 0.8, 'weightDecay': 0.05}, torch.optim.SGD,
     {'momentum': 0.8, 'nesterov': True, 'weight_decay': 0.05}),
    ('adam', {}, torch.optim.Adam, {}),
    ('adam', {'beta1': 0.5, 'beta2': 0.9, 'epsilon': 1e-3, 'weightDecay': 0.1}, torch.optim.Adam,
     {'betas': (0.5, 0.9), 'eps': 1e-3, 'weight_decay': 0.1}),
    ('adamw', {}, torch.optim.AdamW, {'weight_decay': 0.01}),
    ('adamw', {'weightDecay': 0.3}, torch.optim.AdamW, {'weight_decay': 0.3}),
    ('rmsprop', {}, torch.optim.RMSprop, {}),
    ('rmsprop', {'decay': 0.8, 'epsilon': 1e-4, 'weightDecay': 0.1}, torch.optim.RMSprop,
     {'alpha': 0.8, 'eps': 1e-4, 'weight_decay': 0.1}),
    ('adagrad', {}, torch.optim.Adagrad, {'eps': 1e-8}),
    ('adagrad', {'epsilon': 1e-3, 'weightDecay': 0.1}, torch.optim.Adagrad, {'eps': 1e-3, 'weight_decay': 0.1}),
]
RATES = [0.1, 0.08, 0.05, 0.05, 0.02, 0.2, 0.1, 0.1, 0.05, 0.01, 0.03, 0.04]

torch.manual_seed(1)
WEIGHTS = [torch.randn(2, 3), torch.randn(3)]
GRADIENTS = [[torch.randn(2, 3), torch.randn(3)] for _ in RATES]


def after_training(make, settings):
    weights = [torch.nn.Parameter(weight.clone()) for weight in WEIGHTS]
    without = {**settings, **({'weight_decay': 0} if 'weight_decay' in settings else {})}
    optimizer = make([{'params': weights[:1], **settings}, {'params': weights[1:], **without}], lr=1)
    for rate, gradients in zip(RATES, GRADIENTS):
        for group in optimizer.param_groups:
            group['lr'] = rate
        for weight, gradient in zip(weights, gradients):
            weight.grad = gradient.clone()
        optimizer.step()
    return [weight.detach().flatten().tolist() for weight in weights]


print(json.dumps({
    'torch': torch.__version__,
    'rates': RATES,
    'weights': [weight.flatten().tolist() for weight in WEIGHTS],
    'gradients': [[part.flatten().tolist() for part in step] for step in GRADIENTS],
    'cases': [
        {'optimizer': name, 'settings': settings, 'weights': after_training(make, theirs)}
        for name, settings, make, theirs in CASES
    ],
}, indent=1))
