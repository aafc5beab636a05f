using System.Globalization;
using System.Text;
using System.Xml;

namespace Haq.Engine.Reporting.Checks;

/// <summary>Checks as JUnit XML, which every CI system shows: a suite per model, a case per limit.</summary>
public static class JUnitLog
{
    /// <summary>The log's text.</summary>
    public static string Write(IReadOnlyList<CheckRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var text = new Utf8StringWriter();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n" }))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", "haq check");
            Counts(xml, runs.SelectMany(r => r.Outcomes));
            foreach (var run in runs) Suite(xml, run);
            xml.WriteEndElement();
        }
        return text + "\n";
    }

    private static void Suite(XmlWriter xml, CheckRun run)
    {
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", Clean(run.Subject));
        Counts(xml, run.Outcomes);
        foreach (var outcome in run.Outcomes)
        {
            xml.WriteStartElement("testcase");
            xml.WriteAttributeString("name", outcome.Name);
            xml.WriteAttributeString("classname", Clean($"{run.Manifest.File}: {run.Subject}"));
            // The limits are held against a report: there is no time to tell.
            xml.WriteAttributeString("time", "0");
            if (outcome.Status == CheckStatus.Passed)
            {
                xml.WriteElementString("system-out", Clean(outcome.Message));
            }
            else
            {
                xml.WriteStartElement("failure");
                xml.WriteAttributeString("type", outcome.Rule.Code);
                xml.WriteAttributeString("message", Clean(outcome.Message));
                xml.WriteString($"actual {Figure.Short(outcome.Actual)} {outcome.Unit}, limit {Figure.Short(outcome.Limit)} {outcome.Unit}");
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static void Counts(XmlWriter xml, IEnumerable<CheckOutcome> outcomes)
    {
        int tests = 0, failures = 0;
        foreach (var outcome in outcomes)
        {
            tests++;
            if (outcome.Status != CheckStatus.Passed) failures++;
        }
        xml.WriteAttributeString("tests", tests.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", failures.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("skipped", "0");
    }

    // XML 1.0 has no place for most control characters and for halves of surrogate pairs.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i])) clean.Append(text[i]);
            else if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i])) clean.Append(text[i]).Append(text[++i]);
            else clean.Append('\ufffd');
        }
        return clean.ToString();
    }

    private sealed class Utf8StringWriter() : StringWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}
