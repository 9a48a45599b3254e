import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.StringJoiner;
import java.util.logging.LogManager;

import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.RuleId;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

/**
 * Validates PDF files with the veraPDF library and prints one JSON line per file.
 *
 * <p>Usage: {@code VeraRun PROFILE FILE...}, where PROFILE is ua1, ua2, 2b, 3a and so on.
 *
 * <p>A line holds file, compliant, checks, and failed: a list of clause, test, count, rule, error
 * and context. A file that cannot be read has file and exception instead. The exit code is 0
 * whenever every file got its line, so that it tells a broken validator from a broken PDF; it is 2
 * when the profile cannot be loaded.
 */
public final class VeraRun {

    /** Failed checks described per rule; all of them are counted. */
    private static final int SHOWN_FAILURES_PER_RULE = 100;

    private VeraRun() {}

    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().reset();
        if (arguments.length < 2) {
            System.err.println("usage: VeraRun PROFILE FILE...");
            System.exit(2);
        }
        VeraGreenfieldFoundryProvider.initialise();
        ValidationProfile profile = loadProfile(arguments[0]);
        PrintStream out = new PrintStream(
                new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8.name());
        for (int index = 1; index < arguments.length; index++) {
            out.println(validate(arguments[index], profile));
        }
    }

    /**
     * Loads the profile before any file is read. The library says nothing when JAXB is absent from
     * the class path: its list of profiles is then simply empty.
     */
    private static ValidationProfile loadProfile(String name) {
        try {
            PDFAFlavour flavour = PDFAFlavour.byFlavourId(name);
            return Profiles.getVeraProfileDirectory().getValidationProfileByFlavour(flavour);
        } catch (NoSuchElementException absent) {
            System.err.println("veraPDF cannot load the profile '" + name
                    + "': no such profile, or JAXB is not on the class path");
            System.exit(2);
            throw absent;
        }
    }

    private static String validate(String file, ValidationProfile profile) {
        PDFAFlavour flavour = profile.getPDFAFlavour();
        String password = System.getenv("PDF_PASSWORD"); // of an encrypted file; null for the others
        try (PDFAParser parser = password == null
                        ? Foundries.defaultInstance().createParser(new File(file), flavour)
                        : Foundries.defaultInstance().createParser(new File(file), flavour, flavour, password);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(
                        profile, SHOWN_FAILURES_PER_RULE, false, true, false)) {
            return describe(file, validator.validate(parser));
        } catch (Exception | StackOverflowError unreadable) {
            return "{\"file\":" + quote(file) + ",\"exception\":" + quote(unreadable) + "}";
        }
    }

    private static String describe(String file, ValidationResult result) {
        Map<RuleId, TestAssertion> firstFailures = new LinkedHashMap<>();
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                firstFailures.putIfAbsent(assertion.getRuleId(), assertion);
            }
        }
        StringJoiner failed = new StringJoiner(",", "[", "]");
        result.getFailedChecks().forEach((rule, count) ->
                failed.add(describe(rule, count, firstFailures.get(rule))));
        return "{\"file\":" + quote(file)
                + ",\"compliant\":" + result.isCompliant()
                + ",\"checks\":" + result.getTotalAssertions()
                + ",\"failed\":" + failed + "}";
    }

    /** One failed rule, with the words and the place of its first failure. */
    private static String describe(RuleId rule, int count, TestAssertion first) {
        return "{\"clause\":" + quote(rule.getClause())
                + ",\"test\":" + rule.getTestNumber()
                + ",\"count\":" + count
                + ",\"rule\":" + quote(first == null ? "" : first.getMessage())
                + ",\"error\":" + quote(first == null ? "" : first.getErrorMessage())
                + ",\"context\":" + quote(first == null ? "" : first.getLocation().getContext())
                + "}";
    }

    private static String quote(Object value) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char character : String.valueOf(value).toCharArray()) {
            if (character == '"' || character == '\\') {
                quoted.append('\\').append(character);
            } else if (character < ' ' || Character.isSurrogate(character)) {
                quoted.append(String.format("\\u%04x", (int) character));
            } else {
                quoted.append(character);
            }
        }
        return quoted.append('"').toString();
    }
}
