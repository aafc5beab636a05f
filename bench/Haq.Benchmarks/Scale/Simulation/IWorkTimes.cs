using Haq.Engine.Evaluation;
using Haq.Engine.Layers;

namespace Haq.Benchmarks.Scale.Simulation;

/// <summary>What a worker of one thread needs for a piece of work, and what comes out.</summary>
internal interface IWorkTimes
{
    /// <summary>The score of every sample.</summary>
    SampleScore[] Scores(string subject, Policy policy);

    /// <summary>Seconds for making a policy's network ready.</summary>
    double Opening(string subject, Policy policy);

    /// <summary>Seconds for scoring one batch with it.</summary>
    double Scoring(string subject, Policy policy, int batch);
}
