using Haq.Engine.Data;
using Haq.Engine.Evaluation;

namespace Haq.Engine.Pipeline.Results;

/// <summary>Which outputs of a network count besides the one that is measured.</summary>
internal enum OutputChoice
{
    /// <summary>None: an output was named.</summary>
    One,

    /// <summary>All where the samples have no labels, which are about one output.</summary>
    AllWithoutLabels,

    /// <summary>All.</summary>
    All,

    /// <summary>All, by their noise: the ratio of signal to it is asked for.</summary>
    AllByNoise,

    /// <summary>All, by their cosines.</summary>
    AllByCosine,
}

/// <summary>Reads an <see cref="OutputChoice"/>.</summary>
internal static class OutputChoices
{
    /// <summary>What the loss of all of them is made of.</summary>
    public static JoinedLoss Joined(this OutputChoice choice) =>
        choice == OutputChoice.AllByNoise ? JoinedLoss.Noise : choice == OutputChoice.AllByCosine ? JoinedLoss.Cosine : JoinedLoss.Classes;

    /// <summary>All outputs count on these samples.</summary>
    public static bool Every(this OutputChoice choice, IDataset samples) =>
        choice is OutputChoice.All or OutputChoice.AllByNoise or OutputChoice.AllByCosine || (choice == OutputChoice.AllWithoutLabels && !samples.HasLabels);
}
