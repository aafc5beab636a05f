using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Onnx;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>Writes probes to a bundle's folder, each distinct one once.</summary>
internal sealed class ProbeWriter(string folder, ProbeInputs inputs)
{
    private readonly List<Probe> _probes = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Every probe so far, in the order in which they came.</summary>
    public IReadOnlyList<Probe> Probes => _probes;

    /// <summary>Writes a model and says what its probe is called: <c>KIND[-WHAT]-DIGEST-WIDTHS</c>.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="what">More of its name, for people; empty for none.</param>
    /// <param name="widths">The end of its name.</param>
    /// <param name="model">The model.</param>
    /// <param name="work">Multiply-accumulates, or numbers that change their width.</param>
    /// <exception cref="HaqException">The model has an input for which there are no random numbers (HAQ0302).</exception>
    public string Write(ProbeKind kind, string what, string widths, OnnxModel model, long work)
    {
        string stem = kind == ProbeKind.Policy ? "net" : kind.ToString().ToLowerInvariant();
        string name = $"{stem}{(what.Length > 0 ? "-" + what : "")}-{ProbeDigest.Of(model)}-{widths}";
        if (!_names.Add(name)) return name;
        var read = inputs.Of(model) ?? throw DiagnosticCatalog.NotConvertible.Error(model.Name, $"'{string.Join("', '", model.Graph.Input.Select(i => i.Name))}' cannot be filled with random numbers, so that "
            + "nothing can be measured. Cut the part in front of it off the model.");
        var probe = new Probe(name, kind, work, read);
        model.Save(Path.Combine(folder, probe.File));
        _probes.Add(probe);
        return name;
    }

    /// <summary>
    /// The probes in the order to measure them in: what every run takes, then whole networks spread among the rest, so that a device that is cold at first and hot in the end is neither for all of
    /// them.
    /// </summary>
    public ImmutableArray<Probe> Ordered()
    {
        var networks = _probes.Where(p => p.Kind == ProbeKind.Policy).ToArray();
        var rest = _probes.Where(p => p.Kind is not (ProbeKind.Policy or ProbeKind.Empty)).ToArray();
        var spread = networks.Select((p, i) => (Probe: p, At: (i + 0.5) * rest.Length / networks.Length)).Concat(rest.Select((p, i) => (Probe: p, At: i + 0.25)));
        return [.. _probes.Where(p => p.Kind == ProbeKind.Empty), .. spread.OrderBy(p => p.At).Select(p => p.Probe)];
    }
}
