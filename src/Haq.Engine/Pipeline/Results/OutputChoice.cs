using Haq.Engine.Data;

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

    /// <summary>All, by their noise: figures of similarity are asked for.</summary>
    AllByNoise,
}

/// <summary>Reads an <see cref="OutputChoice"/>.</summary>
internal static class OutputChoices
{
    /// <summary>All outputs count on these samples.</summary>
    public static bool Every(this OutputChoice choice, IDataset samples) => choice is OutputChoice.All or OutputChoice.AllByNoise || (choice == OutputChoice.AllWithoutLabels && !samples.HasLabels);
}
