namespace Haq.Engine.Manifest;

/// <summary>How weights are updated.</summary>
public enum FinetuneOptimizer
{
    /// <summary>Adam (Kingma and Ba, 2015).</summary>
    Adam,

    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,
}
