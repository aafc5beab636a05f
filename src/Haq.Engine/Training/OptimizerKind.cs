namespace Haq.Engine.Training;

/// <summary>How a gradient becomes an update.</summary>
public enum OptimizerKind
{
    /// <summary>Adam (Kingma and Ba 2015), weight decay decoupled (Loshchilov and Hutter 2019).</summary>
    Adam,

    /// <summary>Stochastic gradient descent with momentum, weight decay added to the gradient.</summary>
    Sgd,
}
